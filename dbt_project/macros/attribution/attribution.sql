{#- The workspace's rules in their order; conditions and settings are JSON. -#}
{% macro attribution_rules() -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set query -%}
        select line, conditions, settings, replaces,
            cast(valid_from as varchar) as valid_from, cast(valid_to as varchar) as valid_to
        from {{ source("raw", "attribution_rules") }}
        order by line
    {%- endset -%}
    {%- set rules = [] -%}
    {%- for row in ask(query) -%}
        {%- do rules.append({
            "line": row[0], "conditions": fromjson(row[1]), "settings": fromjson(row[2]),
            "replaces": row[3], "valid_from": row[4], "valid_to": row[5],
        }) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{#- A text as SQL; what users write is data and never code. -#}
{% macro text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}

{#-
    Predicate: a row fulfils all conditions, each a column and the texts of which one must fit. A
    name such as `label.route` or `tag.env` is a key of the JSON column.
-#}
{% macro meets(conditions) -%}
    {%- set keyed = {"label": "labels", "tag": "tags"} -%}
    true
    {%- for name, wanted in conditions %}
        and (
        {%- for text in wanted -%}
            {%- set kind, _, key = name.partition(".") -%}
            {%- if key and kind in keyed -%}
                json_extract_string({{ keyed[kind] }}, {{ text_literal('$."' ~ key ~ '"') }})
            {%- else -%}
                {{ name }}
            {%- endif -%}
            {%- if "*" in text %} like {{ text_literal(
                text | replace("|", "||") | replace("%", "|%") | replace("_", "|_")
                    | replace("*", "%")
            ) }} escape '|'
            {%- else %} = {{ text_literal(text) }}
            {%- endif -%}
            {{ " or " if not loop.last }}
        {%- endfor -%}
        )
    {%- endfor %}
{%- endmacro %}

{#- Predicate: a call or charge fulfils all conditions of a rule, and started while it held. -#}
{% macro fulfils(rule, at="started_at") -%}
    {{ at }} >= timestamp '{{ rule.valid_from }}' and {{ at }} < timestamp '{{ rule.valid_to }}'
    and {{ meets(rule.conditions) }}
{%- endmacro %}

{#- A column as the first rule that fulfils its conditions and names it sets it. -#}
{% macro attributed(column, rules) -%}
    case
    {%- for rule in rules if column in rule.settings %}
        when {{ fulfils(rule) }}
            then {% if rule.replaces %}{{ text_literal(rule.settings[column]) }}
            {%- else %}coalesce({{ column }}, {{ text_literal(rule.settings[column]) }}){% endif %}
    {%- endfor %}
        else {{ column }}
    end
{%- endmacro %}

{#- The columns that rules set, in place of those that the record has; nothing without rules. -#}
{% macro with_attribution(rules) -%}
    {%- set columns = [] -%}
    {%- for rule in rules -%}
        {%- for name in rule.settings if name not in columns -%}
            {%- do columns.append(name) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if columns -%}
        replace (
        {%- for column in columns %}
            {{ attributed(column, rules) }} as {{ column }}{{ "," if not loop.last }}
        {%- endfor %}
        )
    {%- endif -%}
{%- endmacro %}

{#- Line of the first rule whose conditions a call or charge fulfils. -#}
{% macro first_rule_that_fits(rules, at="started_at") -%}
    cast(
    {%- if rules %} case
        {%- for rule in rules %}
            when {{ fulfils(rule, at) }} then {{ rule.line }}
        {%- endfor %}
        end
    {%- else -%}
        null
    {%- endif %} as bigint)
{%- endmacro %}
