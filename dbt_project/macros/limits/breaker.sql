{#-
    When a limit's breaker trips and when it is released, hour by hour; a recommendation: Outlay
    stops nothing. Nothing of dbt is used, so that a simulation runs the very same rule.

    hours: a relation with one row an hour and limit, without a hole, from 28 days before the
        period, where there are such, to its end: `keys` name the limit and its period; utc_hour;
        in_period; limit_quantity; period_end; usual_quantity; actual_quantity, NULL where nothing
        is known, as of hours to come. Quantities are of the limit's unit.

    It trips when the limit is reached, and when two hours burn more than four times what is usual
    and more than 1.75 times what they did at most in the 28 days to the day before (of less than
    two weeks, half as much again), six hours more than twice, and at the pace of those two the rest
    is gone within a week or half of what remains of the period. It is released when six hours
    burn less than 1.2 times what is usual. A burn is padded by half a usual hour times the root of
    its window: a quiet night is no alarm. Measured: DECISIONS.md, `recommendation`.
-#}
{% macro breaker_select(hours, keys) -%}
    {%- set keyed = keys | join(", ") -%}
    {%- set so_far = "partition by " ~ keyed ~ " order by utc_hour" -%}
    {%- set month_before = so_far ~ " rows between 672 preceding and 24 preceding" -%}
    with summed as (

        select
            *,
            coalesce(sum(case when in_period then actual_quantity end) over so_far, 0)
                as used_quantity,
            sum(usual_quantity) over so_far as usual_so_far,
            {{ ratio(
                "sum(actual_quantity) over month_before",
                "count(actual_quantity) over month_before"
            ) }} as mean_hour,
            least(168, datediff('hour', utc_hour, period_end) // 2) as hours_ahead
            {%- for window in [2, 6] %},
            sum(case when usual_quantity is not null then actual_quantity end)
                over last_{{ window }} as actual_{{ window }},
            sum(case when actual_quantity is not null then usual_quantity end)
                over last_{{ window }} as usual_{{ window }}
            {%- endfor %}
        from {{ hours }}
        window so_far as ({{ so_far }}), month_before as ({{ month_before }})
            {%- for window in [2, 6] %},
            last_{{ window }} as (
                {{ so_far }} rows between {{ window - 1 }} preceding and current row
            )
            {%- endfor %}

    ),

    burnt as (

        select
            *
            {%- for window in [2, 6] %},
            {%- set pad = "mean_hour * " ~ 0.5 * window ** 0.5 %}
            case when actual_quantity is not null then {{ ratio(
                "(actual_" ~ window ~ " + " ~ pad ~ ")", "(usual_" ~ window ~ " + " ~ pad ~ ")"
            ) }} end as burn_{{ window }}h_ratio
            {%- endfor %}
        from summed

    ),

    known as (

        select
            *,
            -- `greatest` passes over NULL: without a history four times is enough
            greatest(4, 1.75 * max(burn_2h_ratio) over month_before)
                * case when count(burn_2h_ratio) over month_before < 336 then 1.5 else 1 end
                as burn_limit
        from burnt
        window month_before as ({{ month_before }})

    ),

    judged as (

        select
            now.*,
            now.used_quantity >= now.limit_quantity as is_reached,
            now.in_period
            and now.burn_2h_ratio > now.burn_limit
            and now.burn_6h_ratio > 2
            and (later.usual_so_far - now.usual_so_far) * now.burn_2h_ratio
                >= now.limit_quantity - now.used_quantity as is_burning
        from known as now
        left join known as later
            on {% for key in keys %}now.{{ key }} = later.{{ key }} and {% endfor -%}
            later.utc_hour = now.utc_hour + to_hours(now.hours_ahead)

    ),

    lasting as (

        select
            *,
            max(utc_hour) filter (where is_burning) over so_far as burning_at,
            max(utc_hour) filter (where burn_6h_ratio < 1.2) over so_far as calm_at
        from judged
        window so_far as ({{ so_far }})

    )

    select
        {{ keyed }},
        utc_hour,
        limit_quantity,
        cast(actual_quantity as decimal(28, 9)) as actual_quantity,
        cast(usual_quantity as decimal(28, 9)) as usual_quantity,
        cast(used_quantity as decimal(28, 9)) as used_quantity,
        -- doubles are added in any order: their last digits are nobody's
        round(burn_2h_ratio, 6) as burn_2h_ratio,
        round(burn_6h_ratio, 6) as burn_6h_ratio,
        case
            when is_reached then 'cap'
            when burning_at > coalesce(calm_at, burning_at - interval 1 hour) then 'burn'
        end as rule
    from lasting
    where in_period
{%- endmacro %}
