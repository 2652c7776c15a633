{#- Whether a call says how long its prompt was before somebody compressed it. -#}
{% macro is_compression_stated() -%}
    uncompressed_input_tokens is not null and input_tokens > 0
        and not cached_hit and not is_unpriced
{%- endmacro %}

{#- What the tokens that it was shortened by would have cost: each what one that was sent cost. -#}
{% macro compression_saving_usd() -%}
    {{ usd_per(
        "(uncompressed_input_tokens - input_tokens) * (" ~ token_classes("input") | join("_usd + ")
            ~ "_usd)",
        "input_tokens",
    ) }}
{%- endmacro %}
