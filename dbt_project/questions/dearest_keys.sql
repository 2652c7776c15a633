-- Which keys spend most, and who may know whose they are?
-- Estimates of last month, by UTC day. Keys are pseudonyms; NULL is calls whose log names none.
select
    api_key_id,
    mode(team_tag) as team_tag,
    sum(calls) as calls,
    sum(unpriced_calls) as unpriced_calls,
    sum(estimate_usd) as estimate_usd
from marts.fct_key_usage_daily
where date_trunc('month', utc_day)
    = (select max(month) from reports.rpt_overview where is_complete)
group by api_key_id
order by estimate_usd desc nulls last, api_key_id
limit 10;
