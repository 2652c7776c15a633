{#-
    A limit of the tie-out for a provider: `tolerance` (share of the estimate), `lag_days` or
    `rounding_usd` (of one bill line). The workspace states some providers' own, with evidence.
-#}
{% macro tie_out_limit(name, provider="provider") -%}
    {%- set defaults = {
        "tolerance": var("tie_out_tolerance"),
        "lag_days": var("billing_lag_days"),
        "rounding_usd": var("tie_out_rounding_usd"),
    } -%}
    {%- set own = var("tie_out_limits") if execute else {} -%}
    {%- set type = "integer" if name == "lag_days" else "decimal(9, 6)" -%}
    case
        {%- for stated, limits in own.items() if name in limits %}
        when {{ provider }} = {{ text_literal(stated) }} then cast({{ limits[name] }} as {{ type }})
        {%- endfor %}
        when true then cast({{ defaults[name] }} as {{ type }})
    end
{%- endmacro %}

{#- Predicate: the workspace declares that the provider sends no bill, such as own GPUs. -#}
{% macro sends_no_bill(provider="provider") -%}
    {%- set declared = var("providers_without_bill") -%}
    {%- if declared -%}
        coalesce({{ provider }} in (
            {%- for name in declared %}{{ text_literal(name) }}{{ ", " if not loop.last }}
            {%- endfor -%}
        ), false)
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}

{#- The parts of a gap, in the order in which pages show them. -#}
{% macro gap_causes() -%}
    {{ return([
        "off_gateway", "missing_charge", "token_class", "price", "discount", "unpriced",
        "day_shift", "rounding", "other_charges", "unexplained",
    ]) }}
{%- endmacro %}

{#- Less than a millionth of a dollar is not worth moving, and too small to share out. -#}
{% macro worth_moving(usd) -%}
    case when {{ usd }} >= 0.000001 then {{ usd }} else 0 end
{%- endmacro %}

{#- Rows of one side of the tie-out: what it states; other counts are 0, the rest unknown. -#}
{% macro tie_out_side(side, token_class, stated) -%}
    select
        utc_day,
        provider,
        model_id,
        sub_account_id,
        cast({{ token_class }} as varchar) as token_class,
        {%- for name, type in {
            "calls": "bigint", "unpriced_calls": "bigint", "seen_tokens": "bigint",
            "unpriced_tokens": "bigint", "charge_lines": "bigint",
        }.items() %}
        cast({{ stated.get(name, "0") }} as {{ type }}) as {{ name }},
        {%- endfor %}
        {%- for name, type in {
            "estimate_usd": "decimal(28, 9)", "charge_usd": "decimal(28, 12)",
            "list_usd": "decimal(28, 12)", "billed_tokens": "decimal(28, 9)",
            "reported_tokens": "bigint", "is_model_known": "boolean",
        }.items() %}
        cast({{ stated.get(name, "null") }} as {{ type }}) as {{ name }}
        {{- "," if not loop.last }}
        {%- endfor %}
    from {{ side }}
{%- endmacro %}
