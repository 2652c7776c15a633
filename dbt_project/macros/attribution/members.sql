{#-
    Cost objects: who a charge can be put on. A member is one value of a dimension (one team, one
    tenant), as in "dimension member" of OLAP.
-#}

{#- Dimensions that get a statement, with the column of showback that names their members. -#}
{% macro member_kinds() -%}
    {{ return({
        "cost_centre": "cost_centre", "team": "team", "feature": "feature", "tenant": "tenant_id",
    }) }}
{%- endmacro %}

{#- Columns that name a cost object. -#}
{% macro cost_object_columns(relation=none) -%}
    {%- for column in member_kinds().values() -%}
        {{ relation ~ "." if relation }}{{ column }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- What names a row of showback, beside its month. -#}
{% macro showback_grain() -%}
    {{ return(member_kinds().values() | list + ["provider", "line", "pool"]) }}
{%- endmacro %}
