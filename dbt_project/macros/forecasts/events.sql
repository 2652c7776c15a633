{#-
    Days of planned events with how much each multiplies what is usual; a day that an event does not
    fill, in part. Where events of the same feature, or of everybody, overlap, the largest.
-#}
{% macro planned_event_days(events) -%}
    with days as (

        select
            *,
            cast(unnest(generate_series(
                date_trunc('day', valid_from), valid_to - interval 1 second, interval 1 day
            )) as date) as utc_day
        from {{ events }}

    ),

    shared as (

        select
            *,
            datediff(
                'minute',
                greatest(valid_from, cast(utc_day as timestamp)),
                least(valid_to, cast(utc_day + 1 as timestamp))
            ) as minutes
        from days

    )

    select
        event,
        feature,
        cast(valid_from as date) as starts_on,
        cast(valid_to - interval 1 second as date) as ends_on,
        utc_day,
        cast(1 + (uplift - 1) * {{ ratio("minutes", 1440) }} as decimal(18, 9)) as uplift
    from shared
    qualify row_number() over (
        partition by feature, utc_day order by uplift desc, event asc, valid_from asc
    ) = 1
{%- endmacro %}

{#-
    What was learned of an event: how much of what it was planned to add it did add, when it took
    place before. So many days seen weigh as many as they are, the plan as two.

    seen: days, usual_usd, planned_usd and actual_usd of earlier times.
-#}
{% macro learned_gain(days, usual, planned, actual) -%}
    -- `greatest` passes over NULL
    greatest(coalesce({{ ratio(
        days ~ " * " ~ ratio(actual ~ " - " ~ usual, planned ~ " - " ~ usual) ~ " + 2",
        days ~ " + 2"
    ) }}, 1), 0)
{%- endmacro %}
