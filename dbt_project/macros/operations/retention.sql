{#-
    Whether files are kept as policy demands and allows; who keeps for good keeps longer than any
    policy allows. Definition: DECISIONS.md, `storage_usd and state`.
-#}
{% macro retention_state(rules) -%}
    case
        when coalesce({{ rules }}.keep_at_least_days, {{ rules }}.keep_at_most_days) is null
            then 'no_policy'
        when {{ rules }}.retention_days < {{ rules }}.keep_at_least_days then 'too_short'
        when {{ rules }}.keep_at_most_days is not null and (
            {{ rules }}.retention_days is null
            or {{ rules }}.retention_days > {{ rules }}.keep_at_most_days
        ) then 'too_long'
        else 'within'
    end
{%- endmacro %}
