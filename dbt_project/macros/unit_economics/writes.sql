{#-
    What calls write: prefixes into a provider's cache, and prompts and answers into the log, where
    somebody says how large they were. Definition: DECISIONS.md, `hops and writes per success`.
-#}
{% macro call_writes() -%}
    {%- set written = [] -%}
    {%- for c in token_classes() if c.startswith("cache_write") -%}
        {%- do written.append(c ~ "_tokens") -%}
    {%- endfor -%}
    count(*) filter (
            where not coalesce(cached_hit, false) and greatest({{ written | join(", ") }}) > 0
        ) as cache_writes,
        sum(coalesce(input_bytes, 0) + coalesce(output_bytes, 0)) as logged_bytes,
        count(*) filter (where coalesce(input_bytes, output_bytes) is null) as unlogged_calls
{%- endmacro %}

{#- Measures of what a success takes: what is summed, and where it is known. -#}
{% macro success_measures() -%}
    {{ return({
        "hops": ["calls - cached_calls", "true"],
        "writes": ["cache_writes", "true"],
        "logged": ["logged_bytes", "unlogged_calls < calls"],
    }) }}
{%- endmacro %}
