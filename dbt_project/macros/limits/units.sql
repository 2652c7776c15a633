{#-
    Units that a limit may be stated in, with what of an hour counts: money by the price book;
    tokens as the provider bills them, of which plans and rate limits often leave out what is read
    from a prefix cache; requests that reach a provider.
-#}
{% macro limit_units() -%}
    {{ return({
        "usd": "estimate_usd",
        "tokens": "input_tokens + output_tokens",
        "uncached_tokens": "input_tokens - cache_read_tokens + output_tokens",
        "input_tokens": "input_tokens",
        "output_tokens": "output_tokens",
        "requests": "requests",
    }) }}
{%- endmacro %}

{#- What units count of a row of `fct_usage_hourly`: no gateway cache's hits reach a provider. -#}
{% macro metered_hour(usage) -%}
    {{ usage }}.calls - {{ usage }}.tool_calls - {{ usage }}.cached_hits as requests,
        {{ usage }}.billable_input_tokens as input_tokens,
        {{ usage }}.billable_cache_read_tokens as cache_read_tokens,
        {{ usage }}.billable_output_tokens as output_tokens
{%- endmacro %}

{#- The same of a row of `fct_calls`. -#}
{% macro metered_call(calls) -%}
    cast({{ calls }}.is_model_turn and not {{ calls }}.cached_hit as integer) as requests,
        {{ calls }}.billable_input_tokens as input_tokens,
        {{ calls }}.billable_cache_read_tokens as cache_read_tokens,
        case when not {{ calls }}.cached_hit then {{ calls }}.output_tokens end as output_tokens
{%- endmacro %}

{#- What an hour used of the unit of a limit, from columns of `hours`. -#}
{% macro quantity_of_unit(unit, hours) -%}
    case {{ unit }}
        {%- for name, columns in limit_units().items() %}
        when '{{ name }}' then
            {%- for part in columns.split(" ") %} {{ part if part in ["+", "-"] else
                hours ~ "." ~ part if part == "estimate_usd"
                else "coalesce(" ~ hours ~ "." ~ part ~ ", 0)" }}
            {%- endfor %}
        {%- endfor %}
    end
{%- endmacro %}

{#- Calls of an hour of which the unit of a limit counts nothing because nobody knows how much. -#}
{% macro uncounted_of_unit(unit, hours) -%}
    case {{ unit }} when 'usd' then {{ hours }}.unpriced_calls when 'requests' then 0
        else {{ hours }}.unmetered_calls end
{%- endmacro %}

{#- Predicate: a model answered, and the source does not say with how many tokens. -#}
{% macro is_unmetered(calls=none) -%}
    {%- set its = calls ~ "." if calls else "" -%}
    coalesce(
        {{ its }}is_model_turn and not {{ its }}cached_hit and {{ its }}status = 'ok'
        and {{ its }}billable_input_tokens is null and {{ its }}output_tokens is null,
        false
    )
{%- endmacro %}

{#- An amount in the unit of its limit, as somebody may read it out. -#}
{% macro amount_words(limits, column, named=false) -%}
    case when {{ limits }}.unit = 'usd' then {{ usd_words(limits ~ "." ~ column) }}
        else {{ "concat(" if named }}format('{:,.0f}', {{ limits }}.{{ column }})
            {%- if named %}, ' ', {{ unit_words(limits ~ ".unit") }}){% endif %} end
{%- endmacro %}

{% macro unit_words(unit) -%}
    case {{ unit }}
        when 'uncached_tokens' then 'tokens without cache reads'
        else replace({{ unit }}, '_', ' ')
    end
{%- endmacro %}
