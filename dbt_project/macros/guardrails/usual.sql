{#-
    Steps of `burn_select` that say what is usual in each hour, from its steps `hours` and `days`.
    The hour itself, and its day, are never part of it; nothing after it is either.
-#}
{% macro usual_steps(keyed, needed) %}
    usual as (

        select
            {{ keyed }},
            utc_day,
            median(unit_usd) over before as slow_unit_usd,
            median(unit_usd) over lately as fast_unit_usd,
            count(unit_usd) over before as unit_days,
            {{ ratio("sum(usd) over before", "sum(hours) over before") }} as mean_hour_usd
        from days
        window before as (
            partition by {{ keyed }} order by utc_day
            range between interval 28 days preceding and interval 1 day preceding
        ), lately as (
            partition by {{ keyed }} order by utc_day
            range between interval 14 days preceding and interval 1 day preceding
        )

    ),

    -- the same hours of the weeks before, and of the days before where there are no weeks yet
    seasonal as (

        select
            *,
            [
                {%- for week in [1, 2, 3, 4] -%}
                {%- for distance in [-1, 0, 1] %}
                lag(plain, {{ 168 * week + distance }}) over series
                {{- "," if not (week == 4 and distance == 1) }}
                {%- endfor -%}
                {%- endfor %}
            ] as same_hours,
            [
                {%- for day in [1, 2, 3, 4, 5, 6, 7] %}
                lag(plain, {{ 24 * day }}) over series{{ "," if day < 7 }}
                {%- endfor %}
            ] as last_days
        from hours
        where exposure is null
        window series as (partition by {{ keyed }} order by utc_hour)
        qualify {{ needed }}

    ),

    expected as (

        select
            {{ keyed }}, utc_day, utc_hour, actual, uplift,
            case
                when list_count(same_hours) >= 6
                    then uplift * list_aggregate(same_hours, 'median')
                when list_count(last_days) >= 5
                    then uplift * list_aggregate(last_days, 'median')
            end as usual_usd
        from seasonal
        union all
        -- four weeks see what creeps up; a clear fall is learned in a week
        select
            {{ keyed }}, utc_day, utc_hour, actual, uplift,
            case when usual.unit_days >= 5 then {{ unrounded("hours.exposure") }} * case
                when usual.fast_unit_usd < 0.8 * usual.slow_unit_usd then usual.fast_unit_usd
                else usual.slow_unit_usd
            end end as usual_usd
        from hours
        inner join usual using ({{ keyed }}, utc_day)
        where hours.exposure is not null and {{ needed }}

    ),

    known as (

        select
            -- decimals, which sum to the same in any order
            expected.* replace (
                cast(case when actual is not null then usual_usd end as decimal(28, 9))
                    as usual_usd
            ),
            usual.mean_hour_usd
        from expected
        inner join usual using ({{ keyed }}, utc_day)

    ),
{% endmacro %}
