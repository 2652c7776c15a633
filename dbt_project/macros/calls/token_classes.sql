{#- The disjoint classes of the token vector that a provider prices: inputs first, then outputs. -#}
{% macro token_classes(direction=none) -%}
    {%- set input = [
        "input_uncached", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other",
        "input_audio",
    ] -%}
    {%- set output = ["output", "output_audio"] -%}
    {{ return({"input": input, "output": output}.get(direction, input + output)) }}
{%- endmacro %}

{#- Parts of a class that some models price apart, by their class; the rest of it has its price. -#}
{% macro token_parts(token_class) -%}
    {{ return({
        "input_uncached": ["input_image", "input_video"],
        "cache_read": ["cache_read_audio"],
        "output": ["output_image", "output_video"],
    }.get(token_class, [])) }}
{%- endmacro %}

{#- Everything that a rate card can have a price for: classes, their parts, fees by the piece. -#}
{% macro priced_units() -%}
    {%- set units = token_classes() + ["web_search"] -%}
    {%- for c in token_classes() -%}{%- do units.extend(token_parts(c)) -%}{%- endfor -%}
    {{ return(units) }}
{%- endmacro %}

{#- Tokens of all classes of one direction, as an expression; 0 when none is known. -#}
{% macro all_tokens(direction) -%}
    {%- for c in token_classes(direction) -%}
        coalesce({{ c }}_tokens, 0){{ " + " if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The estimate of a cell's class of tokens, which may be a coarser one; all of it without one. -#}
{% macro class_usd(token_class, usage) -%}
    case {{ token_class }}
        {%- for c in token_classes() %}
        when '{{ c }}' then {{ usage }}.{{ c }}_usd
        {%- endfor %}
        {%- for coarse, classes in {
            "input": token_classes("input"),
            "cache_write": ["cache_write_5m", "cache_write_1h", "cache_write_other"],
        }.items() %}
        when '{{ coarse }}' then {% for c in classes -%}
            coalesce({{ usage }}.{{ c }}_usd, 0){{ " + " if not loop.last }}{% endfor %}
        {%- endfor %}
        else {{ usage }}.estimate_usd
    end
{%- endmacro %}
