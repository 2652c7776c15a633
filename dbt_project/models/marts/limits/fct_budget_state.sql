{#- Where each limit stands at the newest hour, and where its period will end as usual. -#}
{{ config(materialized="table") }}

with limits as (

    select * from {{ ref("int_limits") }}

),

hours as (

    select
        hours.*,
        limits.as_of,
        hours.utc_hour >= limits.as_of as is_to_come,
        coalesce(
            case when hours.utc_hour >= limits.as_of then hours.usual_quantity
                else hours.actual_quantity end,
            0
        ) as awaited
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
        sum(awaited) over so_far as so_far_quantity,
        sum(case when is_to_come then awaited else 0 end) over so_far as to_come
    from hours
    window so_far as (partition by {{ limit_keys() | join(", ") }} order by utc_hour)

),

summed as (

    select
        {% for key in limit_keys() %}running.{{ key }}, {% endfor %}
        sum(running.usual_quantity) filter (where not running.is_to_come) as expected,
        sum(running.usual_quantity) as usual,
        max(running.to_come) as to_come,
        min(running.utc_hour) filter (where running.so_far_quantity >= running.limit_quantity)
            as exhausted_at,
        min(running.utc_hour) filter (
            where running.is_to_come
                and running.to_come * now.burn_2h_ratio
                    >= running.limit_quantity - now.used_quantity
        ) as exhausted_at_burn,
        count(*) filter (where not running.is_to_come and running.actual_quantity is null)
            as unknown_hours
    from running
    inner join now {{ same_limit("running", "now") }}
    group by {% for key in limit_keys() %}running.{{ key }}{{ ", " if not loop.last }}{% endfor %}

),

{{ rolling_steps() }}

use as (

    select
        {% for key in limit_keys() %}limits.{{ key }}, {% endfor %}
        coalesce(sum(spent.calls), 0) as calls,
        coalesce(sum(spent.unpriced_calls), 0) as unpriced_calls,
        coalesce(sum(spent.uncounted_calls), 0) as uncounted_calls,
        sum(spent.quantity) as quantity
    from limits
    left join {{ ref("int_limited_hours") }} as spent
        {{ same_series("limits", "spent") }}
        and limits.period_start <= spent.utc_hour
    group by {% for key in limit_keys() %}limits.{{ key }}{{ ", " if not loop.last }}{% endfor %}

),

final as (

    {{ budget_state_select() }}

)

select * from final
