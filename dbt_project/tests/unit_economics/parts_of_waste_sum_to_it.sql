-- Each dollar of waste stands in one part, and the tasks' own rows say the same: in the months of
-- this run.

with months as (

    select distinct {{ month_of("closed_date") }} as period_start
    from {{ ref("int_close_dates_to_rebuild") }}

),

parts as (

    select
        period_start,
        dimension,
        member,
        cost_basis,
        waste_usd,
        {% for part in waste_parts() -%}
        coalesce({{ part }}_usd, 0){{ " + " if not loop.last }}
        {%- endfor %} as parts_usd
    from {{ ref("fct_unit_cost_periods") }}
    where period_grain = 'month' and period_start in (select period_start from months)

),

-- the same of the tasks themselves: of a success its attempts that bought nothing, else all of it
stated as (

    select
        {{ month_of("closed_date") }} as period_start,
        sum(case
            when status <> 'success' then estimate_usd
            else failed_attempts_estimate_usd + coalesce(duplicate_estimate_usd, 0)
                + coalesce(superseded_estimate_usd, 0)
        end) as waste_usd
    from {{ ref("fct_tasks") }}
    where closed_date is not null
        and {{ month_of("closed_date") }} in (select period_start from months)
    group by all

)

select
    parts.*,
    stated.waste_usd as stated_usd
from parts
left join stated
    on parts.period_start = stated.period_start
    and parts.dimension = 'all'
    and parts.cost_basis = 'estimate'
where parts.parts_usd <> coalesce(parts.waste_usd, 0)
    or (
        parts.dimension = 'all'
        and parts.cost_basis = 'estimate'
        and stated.waste_usd is distinct from parts.waste_usd
    )
