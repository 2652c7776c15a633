{#- What calls cost by the price book, by period and by whatever calls are known by. -#}
{{ config(materialized="view") }}

{%- set of_usage = {
    "all": "'all'", "provider": "provider", "model": "model_id", "feature": "feature",
    "tenant": "tenant_id", "team": "team", "cost_centre": "cost_centre",
} %}
{%- set of_hours = {"key": "api_key_id", "environment": "environment"} %}

with usage as (

    select *, call_date as day from {{ ref("fct_team_usage_daily") }}

),

-- only hours know keys and environments
hours as (

    select *, {{ reporting_date("utc_hour") }} as day from {{ ref("fct_usage_hourly") }}

),

by_day as (

    {% for dimension, column in (of_usage | items | list) + (of_hours | items | list) -%}
    select
        day,
        '{{ dimension }}' as dimension,
        coalesce({{ column }}, 'unattributed') as member,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(estimate_usd) as estimate_usd
    from {{ "hours" if dimension in of_hours else "usage" }}
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

periods as (

    {% for grain in ["day", "week", "month"] -%}
    select
        '{{ grain }}' as period_grain,
        {{ start_of(grain, "day") }} as period_start,
        dimension,
        member,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(estimate_usd) as estimate_usd
    from by_day
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

{{ month_budget_steps() }}

measured as (

    select
        periods.*,
        case when periods.period_grain = 'day' then sum(periods.estimate_usd) over (
            partition by
                periods.period_grain, periods.dimension, periods.member,
                {{ month_of("periods.period_start") }}
            order by periods.period_start
        ) end as running_usd,
        case when periods.period_grain <> 'week' then month_budgets.budget_usd end as budget_usd
    from periods
    left join month_budgets
        on {{ month_of("periods.period_start") }} = month_budgets.month
        and periods.dimension = month_budgets.dimension
        and periods.member = month_budgets.member

),

final as (

    select
        now.period_grain,
        now.period_start,
        now.dimension,
        now.member,
        coalesce(keys.key_alias, now.member) as member_name,
        {{ as_count("now.calls") }} as calls,
        {{ as_count("now.unpriced_calls") }} as unpriced_calls,
        cast(now.estimate_usd as decimal(28, 9)) as estimate_usd,
        {{ ratio("now.estimate_usd", "sum(now.estimate_usd) over "
            ~ "(partition by now.period_grain, now.period_start, now.dimension)") }}
            as share_ratio,
        cast(now.running_usd as decimal(28, 9)) as running_usd,
        {{ beside_others("now.estimate_usd", {
            "previous": "before.estimate_usd", "year_before": "year_before.estimate_usd",
            "budget": "case when now.period_grain = 'month' then now.budget_usd end",
        }) }},
        cast(now.budget_usd as decimal(28, 9)) as month_budget_usd,
        {{ ratio("now.running_usd", "now.budget_usd") }} as running_budget_ratio
    from measured as now
    {{ join_earlier_periods("now", "measured", ["dimension", "member"]) }}
    left join {{ ref("dim_keys") }} as keys
        on now.dimension = 'key' and now.member = keys.api_key_id

)

select * from final
