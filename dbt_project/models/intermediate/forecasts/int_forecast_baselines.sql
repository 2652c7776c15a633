{#-
    What each member is to spend on ordinary days, made once a day: of everybody at once, so that a
    backtest of a day's forecast is the forecasts of the days before it. Macros: macros/forecasts.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_forecasts_to_make() }}",
    )
}}

{%- set keys, shape = ["scope", "member"], forecast_shape() %}
{%- set first_made = "(select min(" ~ day_number("made_on") ~ ") from made)" %}
{%- set last_made = "(select max(" ~ day_number("made_on") ~ ") from made)" %}
{#- what is judged was forecast by what was judged, and that was fitted -#}
{%- set judged = shape.season * (2 * shape.scored + shape.fit + 3 * shape.blocks) %}
{%- set days_before = judged + shape.season * (shape.lags | length + shape.blocks + 2) %}

-- depends_on: {{ ref("stg_lake__changed_days") }}

with usage as (

    select * from {{ ref("fct_usage_daily") }}
    where {{ in_forecasts_to_make("utc_day", days_before) }}

),

event_days as (

    {{ planned_event_days(ref("stg_workspace__planned_events")) }}

),

scoped as (

    {{ forecast_scoped_days("usage", "event_days") }}

),

-- a day is complete with its last hour, or when a later one has come
newest as (

    select cast(max(utc_hour) + interval 1 hour as date) - 1 as utc_day
    from {{ ref("fct_usage_hourly") }}

),

bounds as (

    select min(scoped.utc_day) as first_day, any_value(newest.utc_day) as last_day
    from scoped cross join newest

),

made as (

    select cast(unnest(generate_series(
        greatest(first_day, {{ first_forecast_day() }}), last_day, interval 1 day
    )) as date) as made_on
    from bounds

),

-- the dearest of a scope: tags can differ in every call
active as (

    select made.made_on, scoped.scope, scoped.member
    from made
    inner join scoped on scoped.utc_day between made.made_on - 27 and made.made_on
    group by made.made_on, scoped.scope, scoped.member
    qualify row_number() over (
        partition by made.made_on, scoped.scope
        order by sum(scoped.usd) desc nulls last, scoped.member
    ) <= {{ var("forecast_members") }}

),

points as (

    {{ forecast_points("scoped", "active", "bounds", "event_days", shape) }}

),

forecasts as (

    {{ forecast_select("points", keys, shape, "step between " ~ first_made ~ " - " ~ judged
        ~ " and " ~ last_made, first_made) }}

),

final as (

    select
        active.made_on,
        active.scope,
        active.member,
        cast(active.made_on + forecasts.ahead as date) as utc_day,
        forecasts.ahead,
        forecasts.method,
        cast(forecasts.error_ratio as decimal(18, 6)) as backtest_error,
        points.month_to_date_usd,
        -- doubles add up in any order: what differs after the sixth decimal is the same
        {% for column in ["chosen", "distance", "sum_distance"] -%}
        cast(round(forecasts.{{ column }}, 6) as decimal(28, 9))
            as {{ {"chosen": "usual"}.get(column, column) }}_usd{{ "," if not loop.last }}
        {% endfor %}
    from active
    inner join forecasts
        on active.scope = forecasts.scope
        and active.member = forecasts.member
        and {{ day_number("active.made_on") }} = forecasts.origin
    inner join points
        on active.scope = points.scope
        and active.member = points.member
        and forecasts.origin = points.step

)

select * from final
