{#-
    How fast spend burns beside what is usual, hour by hour. `outlay backtest` renders the macros of
    this folder without dbt, over anybody's series: they use nothing but their arguments.

    signals: a relation with one row an hour and series, without a hole: `keys`, of which one is
        `measure`, name the series; utc_hour; actual_usd, NULL where nothing was delivered;
        exposure, what the cost is for (tasks, lookups, dollars), or NULL: then the same hours of
        the weeks before say what is usual; uplift, by which a planned event multiplies it, else 1.
    windows: hours, the growth within them below which nothing is an incident, and the score above
        which spend alone is one: more work for the same unit cost is no news after six hours.

    wanted: predicate of the hours that are asked for; needed: of those in their windows too.

    A burn ratio is the logarithm of actual over usual, both padded by half a usual hour times the
    root of the window, so that a quiet night is no alarm. See DECISIONS.md, `incident`.
-#}
{% macro burn_select(signals, keys, windows, wanted="true", needed="true") -%}
    {%- set keyed = keys | join(", ") -%}
    with hours as (

        select
            {{ keyed }},
            utc_hour,
            cast(utc_hour as date) as utc_day,
            cast(actual_usd as decimal(28, 9)) as actual,
            cast(exposure as decimal(28, 9)) as exposure,
            {{ unrounded("uplift") }} as uplift,
            {{ ratio("actual", "uplift") }} as plain
        from {{ signals }}

    ),

    days as (

        select
            {{ keyed }},
            utc_day,
            sum(actual) as usd,
            {{ ratio("sum(actual)", "sum(exposure) filter (where actual is not null)") }}
                as unit_usd,
            count(actual) as hours
        from hours
        group by {{ keyed }}, utc_day

    ),

{{ usual_steps(keyed, needed) }}

    summed as (

        select
            {{ keyed }},
            utc_day,
            utc_hour,
            mean_hour_usd,
            actual,
            usual_usd
            {%- for window, _, _ in windows %},
            sum(case when usual_usd is not null then actual end) over last_{{ window }}
                as actual_{{ window }},
            sum(usual_usd) over last_{{ window }} as usual_{{ window }},
            max(uplift) over last_{{ window }} as uplift_{{ window }}
            {%- endfor %}
        from known
        window
            {%- for window, _, _ in windows %}
            last_{{ window }} as (
                partition by {{ keyed }} order by utc_hour
                rows between {{ window - 1 }} preceding and current row
            ){{ "," if not loop.last }}
            {%- endfor %}

    )

    select
        {{ keyed }},
        utc_day,
        utc_hour,
        actual as actual_usd,
        usual_usd,
        {{ burn_sign() }} * cast(actual_24 - usual_24 as decimal(28, 9)) as excess_24h_usd,
        cast(mean_hour_usd as decimal(28, 9)) as mean_hour_usd
        {%- for window, _, _ in windows %},
        -- a planned event is planned roughly: half of what it multiplies may be missed
        {{ burn_sign() }} * {{ padded_growth(
            unrounded("usual_" ~ window), unrounded("actual_" ~ window),
            "mean_hour_usd * " ~ 0.5 * window ** 0.5
        ) }} - 0.5 * ln(uplift_{{ window }}) as burn_{{ window }}h_ratio
        {%- endfor %}
    from summed
    where usual_usd is not null and mean_hour_usd > 0 and {{ wanted }}
{%- endmacro %}

{#- Of what saves money, too little is bad. -#}
{% macro burn_sign() -%}
    case when measure = 'cache_saving' then -1 else 1 end
{%- endmacro %}
