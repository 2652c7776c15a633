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
    {%- set type = "integer" if name == "lag_days" else "decimal(9, 6)" -%}
    case
        {%- for stated, limits in var("tie_out_limits").items() if name in limits %}
        when {{ provider }} = {{ text_literal(stated) }} then cast({{ limits[name] }} as {{ type }})
        {%- endfor %}
        when true then cast({{ defaults[name] }} as {{ type }})
    end
{%- endmacro %}

{#- The parts of a gap, in the order in which pages show them. -#}
{% macro gap_causes() -%}
    {{ return([
        "unseen", "not_billed", "metering", "price", "discount", "unpriced", "day_shift",
        "rounding", "other_charges", "unexplained",
    ]) }}
{%- endmacro %}

{#- Less than a millionth of a dollar is not worth moving, and too small to share out. -#}
{% macro worth_moving(usd) -%}
    case when {{ usd }} >= 0.000001 then {{ usd }} else 0 end
{%- endmacro %}
