{#-
    What calls, bills and usage reports say of a day's tokens and money, one row a side and token
    class; the days around changed ones too, for usage that is billed a day early or late.
-#}
{%- set inputs = ["gateway_calls", "billing_charges", "billing_usage"] %}
{%- set near = in_changed_days(inputs, "fct_tie_out_cells", around=4) %}

with calls as (

    select * from {{ ref("fct_usage_daily") }} where {{ near }}

),

usage_reports as (

    select * from {{ ref("fct_provider_usage") }}
    where {{ near }} and not is_breakdown and model_id is not null

),

charges as (

    select * from {{ ref("fct_charges_daily") }}
    where {{ near }}
        and charge_usd is not null
        and not {{ ties_to_no_call() }}
        -- what a rule spreads is shared cost, not that of calls
        and allocation_rule is null

),

final as (

    -- the calls of a model stand in the first of its classes
    {% for c in token_classes() -%}
    {{ tie_out_side("calls", "'" ~ c ~ "'", {
        "calls": "calls" if loop.first else "0",
        "unpriced_calls": "unpriced_calls" if loop.first else "0",
        "seen_tokens": "priced_" ~ c ~ "_tokens",
        "unpriced_tokens": {"input_uncached": "unpriced_input_tokens",
            "output": "unpriced_output_tokens"}.get(c, "0"),
        "estimate_usd": c ~ "_usd",
    }) }}
    union all
    {{ tie_out_side("usage_reports", "'" ~ c ~ "'", {"reported_tokens": c ~ "_tokens"}) }}
    union all
    {% endfor -%}
    -- what no token carries: tools
    {{ tie_out_side("calls", "null", {
        "estimate_usd": "estimate_usd - (" ~ token_classes() | join("_usd + ") ~ "_usd)",
    }) }}
    union all
    {{ tie_out_side("charges", "token_class", {
        "charge_lines": "charge_lines", "charge_usd": "charge_usd", "list_usd": "list_usd",
        "billed_tokens": "tokens", "is_model_known": "is_model_known",
    }) }}

)

select * from final
