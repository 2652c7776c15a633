{#- Whose spend is watched: scope, and the column of calls that names a member; none: all. -#}
{% macro guarded_scopes() -%}
    {{ return({
        "company": none,
        "feature": "feature",
        "tenant": "tenant_id",
        "model": "model_id",
        "api_key": "api_key_id",
        "region": "region",
    }) }}
{%- endmacro %}

{#- The member of a scope that a row of calls belongs to. -#}
{% macro guarded_member(column) -%}
    {%- if column -%}coalesce({{ column }}, 'unattributed'){%- else -%}'all'{%- endif -%}
{%- endmacro %}

{#- Columns that name a watched series. -#}
{% macro burn_keys() -%}
    {{ return(["scope", "member", "measure"]) }}
{%- endmacro %}

{#- The detector's windows; the SQL linter, which knows no variables, reads one. -#}
{% macro burn_windows() -%}
    {{ return(var("incident_windows") if execute else [[24, 1.4, 2.2]]) }}
{%- endmacro %}

{#- What moved, where the measure alone says it. -#}
{% macro driver_of_measure(measure) -%}
    case {{ measure }}
        when 'waste' then 'success_rate'
        when 'cache_saving' then 'response_cache'
        when 'reported_cost' then 'price'
        when 'new_member' then 'entry_exit'
        else 'volume'
    end
{%- endmacro %}
