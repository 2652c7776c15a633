{#- Kinds of members that get a statement, with the column of showback that names them. -#}
{% macro member_kinds() -%}
    {{ return({
        "cost_centre": "cost_centre", "team": "team", "feature": "feature", "tenant": "tenant_id",
    }) }}
{%- endmacro %}

{#- What names a row of showback, beside its month. -#}
{% macro who_pays() -%}
    {{ return(["cost_centre", "team", "feature", "tenant_id", "provider", "line", "pool"]) }}
{%- endmacro %}
