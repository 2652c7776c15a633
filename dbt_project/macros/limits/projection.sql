{#-
    How far projections of so many days ahead were off, as the logarithm that four in five of them
    stayed within: `error`, with `days`, of which there is history. Each day of the half year that
    has 28 days before it and as many after it as are asked for is an origin; the projection is the
    model's own, the mean of each weekday. Origins overlap, so few of them are worth much: conformal
    with as many as there are without overlap. See DECISIONS.md, `projected_usd`.

    days: scope, member, unit, utc_day, plain_quantity, one row a day without a hole, only whole
        days;
    asked: scope, member, unit, days_ahead.
-#}
{% macro projection_errors_select(days, asked) -%}
    with summed as (

        select scope, member, unit, utc_day,
            sum(plain_quantity) over (partition by scope, member, unit order by utc_day) as so_far
        from {{ days }}

    ),

    series as (

        -- sums[n + 1] is that of the first n days
        select scope, member, unit, list_prepend(0, list(so_far order by utc_day)) as sums,
            count(*) as days
        from summed
        group by scope, member, unit

    ),

    origins as (

        select
            asked.*,
            series.days,
            series.sums,
            unnest(range(28, series.days - asked.days_ahead + 1)) as origin
        from {{ asked }} as asked
        inner join series
            on asked.scope = series.scope
            and asked.member = series.member
            and asked.unit = series.unit

    ),

    compared as (

        select
            scope,
            member,
            unit,
            days_ahead,
            days,
            (sums[origin + 1] - sums[origin - 27]) * (days_ahead // 7)
            {%- for week in [1, 2, 3, 4] %}
            + sums[origin + 1 - {{ 7 * week }} + days_ahead % 7] - sums[origin + 1 - {{ 7 * week }}]
            {%- endfor %} as projected_four_times,
            sums[origin + 1 + days_ahead] - sums[origin + 1] as actual_quantity
        from origins

    ),

    errors as (

        select
            scope,
            member,
            unit,
            days_ahead,
            days,
            list_sort(list(abs({{ growth("projected_four_times", "4 * actual_quantity") }})))
                as errors
        from compared
        where projected_four_times > 0 and actual_quantity > 0
        group by scope, member, unit, days_ahead, days

    )

    select
        scope,
        member,
        unit,
        days_ahead,
        days,
        errors[cast(ceil(
            len(errors) * least(1, 0.8 * (1 + {{ ratio("days_ahead", "len(errors)") }}))
        ) as bigint)] as error
    from errors
{%- endmacro %}
