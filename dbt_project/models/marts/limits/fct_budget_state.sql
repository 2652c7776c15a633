{#- Where each limit stands at the newest hour, and where its period will end as usual. -#}
{{ config(materialized="table") }}

with limits as (

    select * from {{ ref("int_limits") }}

),

hours as (

    select
        hours.*,
        hours.utc_hour >= limits.as_of as is_to_come,
        coalesce(
            case when hours.utc_hour >= limits.as_of then hours.usual_usd else hours.actual_usd end,
            0
        ) as awaited_usd
    from {{ ref("int_limit_hours") }} as hours
    inner join limits {{ same_limit("hours", "limits") }}

),

now as (

    select * from hours
    where not is_to_come
    qualify row_number() over (
        partition by {{ limit_keys() | join(", ") }} order by utc_hour desc
    ) = 1

),

running as (

    select
        *,
        sum(awaited_usd) over so_far as running_usd,
        sum(case when is_to_come then awaited_usd else 0 end) over so_far as to_come_usd
    from hours
    window so_far as (partition by {{ limit_keys() | join(", ") }} order by utc_hour)

),

summed as (

    select
        {% for key in limit_keys() %}running.{{ key }}, {% endfor %}
        sum(running.usual_usd) filter (where not running.is_to_come) as expected_usd,
        sum(running.usual_usd) as usual_usd,
        max(running.to_come_usd) as to_come_usd,
        min(running.utc_hour) filter (where running.running_usd >= running.limit_usd)
            as exhausted_at,
        min(running.utc_hour) filter (
            where running.is_to_come
                and running.to_come_usd * now.burn_2h_ratio >= running.limit_usd - now.spent_usd
        ) as exhausted_at_burn,
        count(*) filter (where not running.is_to_come and running.actual_usd is null)
            as unknown_hours
    from running
    inner join now {{ same_limit("running", "now") }}
    group by {% for key in limit_keys() %}running.{{ key }}{{ ", " if not loop.last }}{% endfor %}

),

use as (

    select
        {% for key in limit_keys() %}limits.{{ key }}, {% endfor %}
        coalesce(sum(spent.calls), 0) as calls,
        coalesce(sum(spent.unpriced_calls), 0) as unpriced_calls,
        sum(spent.estimate_usd) as estimate_usd
    from limits
    left join {{ ref("int_limited_hours") }} as spent
        on limits.scope = spent.scope
        and limits.member = spent.member
        and limits.period_start <= spent.utc_hour
    group by {% for key in limit_keys() %}limits.{{ key }}{{ ", " if not loop.last }}{% endfor %}

),

final as (

    {{ budget_state_select() }}

)

select * from final
