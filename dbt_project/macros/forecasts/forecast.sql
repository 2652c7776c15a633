{#-
    The forecast of each series at the wanted origins, of every step ahead, by the method chosen
    then: the steps of this folder, in their order. Earlier origins are wanted for those that are
    asked for.
-#}
{% macro forecast_select(points, keys, shape, wanted, asked_from) -%}
    with filled as (

        {{ forecast_filled_select(points, keys, shape) }}

    ),

    lags as (

        {{ forecast_lags_select("filled", keys, shape) }}

    ),

    origins as (

        {{ forecast_origins_select("filled", keys, shape, wanted) }}

    ),

    steps_ahead as (

        {{ forecast_rows_select("lags", "origins", keys, shape) }}

    ),

    ridge as (

        {{ ridge_select("steps_ahead", keys, shape) }}

    ),

    methods as (

        {{ forecast_methods_select("steps_ahead", "ridge", keys, shape) }}

    ),

    choice as (

        {{ forecast_choice_select("methods", keys, shape) }}

    ),

    chosen_methods as (

        {{ forecast_chosen_select("methods", "choice", keys) }}

    )

    select * from (

        {{ forecast_intervals_select("chosen_methods", "chosen", keys, shape, asked_from) }}

    ) as forecasts
{%- endmacro %}
