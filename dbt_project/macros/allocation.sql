{#-
    What the money of a bill line is, in showback's words. Unused commitments are usage to FOCUS,
    but nobody's calls caused them.
-#}
{% macro charge_line(charges) -%}
    case
        when {{ charges }}.charge_category = 'Usage'
            and {{ charges }}.commitment_discount_status = 'Unused' then 'idle commitment'
        else lower({{ charges }}.charge_category)
    end
{%- endmacro %}
