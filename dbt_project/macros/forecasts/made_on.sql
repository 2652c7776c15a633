{#-
    Which forecasts a run makes anew. A forecast is made once a day, as of the newest complete day,
    from that day and those before it; it is made again only when one of these changes.
-#}

{#- Whose spend is forecast: scope, and the column of usage that names a member; none: all. -#}
{% macro forecast_scopes() -%}
    {{ return({"company": none, "feature": "feature", "tenant": "tenant_id"}) }}
{%- endmacro %}

{#- What forecasts of days look back on; the SQL linter, which knows no variables, reads this. -#}
{% macro forecast_shape() -%}
    {{ return(var("forecast_days") if execute else {
        "season": 7, "blocks": 1, "lags": [[2, 1]], "profile": [[1, 1]], "level": [1, 2],
        "trend": 1, "penalty": 1, "fit": 1, "scored": 1, "made": 1,
    }) }}
{%- endmacro %}

{#-
    First day whose forecasts this run makes: none before the first change, which may end the day
    before it. Of a changed event, landing notes the days that foresee it too.
-#}
{% macro first_forecast_day(column="made_on") -%}
    {%- if not execute or not is_incremental() -%}
        date '1970-01-01'
    {%- else -%}
        (
            select least(
                min(utc_day) - 1,
                (select max({{ column }}) + 1 from {{ this }})
            )
            from {{ ref("stg_lake__changed_days") }}
            where table_name in ('gateway_calls', 'planned_events')
        )
    {%- endif -%}
{%- endmacro %}

{#- Predicate: the row is of such a forecast, or of at most so many days before it. -#}
{% macro in_forecasts_to_make(column="made_on", before=0, kept_by="made_on") -%}
    {%- if not execute or not is_incremental() -%}
        true
    {%- else -%}
        {{ column }} >= {{ first_forecast_day(kept_by) }} - {{ before }}
    {%- endif -%}
{%- endmacro %}

{#- Pre-hook: those forecasts make room. -#}
{% macro delete_forecasts_to_make(kept_by="made_on") -%}
    {%- if execute and is_incremental() -%}
        delete from {{ this }} where {{ in_forecasts_to_make(kept_by, kept_by=kept_by) }}
    {%- endif -%}
{%- endmacro %}
