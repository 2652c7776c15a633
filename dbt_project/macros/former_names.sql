{#-
    Columns under the names that they had in the release before, for queries that still use them.
    They go with the next release: CHANGELOG.md lists them.
-#}
{% macro former_names(renamed) -%}
    {%- for new, old in renamed.items() -%}
        {{ new }} as {{ old }}{{ ", " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- Renamed causes of a tie-out gap. -#}
{% macro former_gap_causes() -%}
    {{ former_names({
        "off_gateway_usd": "unseen_usd",
        "missing_charge_usd": "not_billed_usd",
        "token_class_usd": "metering_usd",
    }) }}
{%- endmacro %}
