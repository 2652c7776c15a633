{{ config(materialized="view") }}

with forecasts as (

    select * from {{ ref("fct_forecasts") }}

),

newest as (

    select max(made_on) as made_on from forecasts

),

final as (

    select
        forecasts.made_on,
        forecasts.scope,
        forecasts.member,
        forecasts.period_grain,
        forecasts.period_start,
        forecasts.forecast_usd,
        forecasts.low_usd,
        forecasts.high_usd,
        forecasts.method,
        forecasts.backtest_error
    from forecasts
    inner join newest on forecasts.made_on = newest.made_on

)

select * from final
