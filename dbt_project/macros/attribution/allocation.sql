{#-
    What the money of a bill line is, in showback's words. Unused commitments are usage to FOCUS,
    but nobody's calls caused them.
-#}
{% macro charge_line(charges) -%}
    case
        when {{ charges }}.charge_category = 'Usage'
            and {{ charges }}.commitment_discount_status = 'Unused' then 'idle commitment'
        -- what a plan costs whether or not anybody calls is nobody's usage
        when {{ charges }}.charge_category in ('Usage', 'Purchase', 'Adjustment')
            and regexp_matches(
                lower(coalesce({{ charges }}.charge_description, {{ charges }}.x_line_item)),
                '\bminimum (monthly |usage |spend |account )?(fee|charge|spend|commitment)\b'
            ) then 'minimum fee'
        else lower({{ charges }}.charge_category)
    end
{%- endmacro %}

{#- The workspace's rules for shared cost, in their order, as far as claiming a line needs them. -#}
{% macro allocation_rules() -%}
    {%- if not execute -%}{{ return([]) }}{%- endif -%}
    {%- set query -%}
        select line, conditions,
            cast(valid_from as varchar) as valid_from, cast(valid_to as varchar) as valid_to
        from {{ source("raw", "allocation_rules") }}
        order by line
    {%- endset -%}
    {%- set rules = [] -%}
    {%- for row in ask(query) -%}
        {%- do rules.append({
            "line": row[0], "conditions": fromjson(row[1]),
            "valid_from": row[2], "valid_to": row[3],
        }) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{#- Predicate: a bill line is compared with no call: no usage of a model, or that of seats. -#}
{% macro ties_to_no_call() -%}
    (
        line <> 'usage' or model_id is null
        or coalesce(provider, '') = 'anthropic.claude_enterprise'
    )
{%- endmacro %}

{#- What allocations depend on: a cell of the tie-out may hear from the days beside it. -#}
{% macro allocation_inputs() -%}
    {{ return(["gateway_calls", "billing_charges", "billing_usage"]) }}
{%- endmacro %}

{#- Predicate: the row's day must be allocated in this run. -#}
{% macro in_allocated_days(column="utc_day") -%}
    {{ in_changed_days(allocation_inputs(), "fct_allocations", column, around=2) }}
{%- endmacro %}
