-- Which teams are over their budget?
-- What each team is charged in a month, with what is left of its budget: negative is over.
select
    month,
    member as team,
    charged_usd,
    budget_usd,
    remaining_usd
from reports.rpt_statements
where kind = 'team' and row_kind = 'member' and budget_usd is not null
order by month, remaining_usd, team;
