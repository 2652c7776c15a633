{#-
    Prompt versions whose static start is another than that of the version before, and of which the
    provider's prefix cache held less, by month: what that cost. Rule: DECISIONS.md, `missed_usd`.
-#}

{#- Days of the version before that say how much of a prompt is usually cached. -#}
{% macro prefix_days() -%}7{%- endmacro %}

{#- Calls on each side below which nothing is said of a share. -#}
{% macro fewest_prefix_calls() -%}50{%- endmacro %}

{#-
    Each version's months beside the last days of the version before it.

    daily: `fct_prompt_prefixes_daily`.
-#}
{% macro versions_beside_the_one_before(daily) -%}
    {%- set keys = ["feature", "prompt_name", "provider", "model_id"] -%}
    with versions as (

        select
            {{ keys | join(", ") }},
            prompt_version,
            min(first_at) as first_at,
            min(utc_day) as first_day
        from {{ daily }}
        group by {{ keys | join(", ") }}, prompt_version

    ),

    succession as (

        select
            *,
            lag(prompt_version) over (
                partition by {{ keys | join(", ") }} order by first_at, prompt_version
            ) as previous_version
        from versions

    ),

    before as (

        select
            succession.*,
            sum(daily.calls) as calls_before,
            sum(daily.input_tokens) as input_before,
            sum(daily.cache_read_tokens) as read_before,
            sum(daily.read_saving_usd) as read_saving_before_usd,
            min(daily.first_prefix_hash) as first_hash_before,
            max(daily.last_prefix_hash) as last_hash_before
        from succession
        inner join {{ daily }} as daily
            on succession.previous_version = daily.prompt_version
            {% for key in keys -%}
            and succession.{{ key }} is not distinct from daily.{{ key }}
            {% endfor -%}
            and daily.utc_day < succession.first_day
            and daily.utc_day >= succession.first_day - {{ prefix_days() }}
        group by all

    )

    select
        {{ month_of("daily.call_date") }} as month,
        before.*,
        sum(daily.calls) as calls,
        sum(daily.unpriced_calls) as unpriced_calls,
        max(daily.prefixes) as prefixes,
        sum(daily.input_tokens) as input_tokens,
        sum(daily.cache_read_tokens) as read_tokens,
        min(daily.first_prefix_hash) as first_hash,
        max(daily.last_prefix_hash) as last_hash
    from before
    inner join {{ daily }} as daily
        on before.prompt_version = daily.prompt_version
        {% for key in keys -%}
        and before.{{ key }} is not distinct from daily.{{ key }}
        {% endfor %}
    group by all
{%- endmacro %}

{#-
    Input tokens that the version before would have read from the cache and this one did not, at
    what each such token saved before.
-#}
{% macro uncached_usd() -%}
    {{ usd_per(
        "(" ~ ratio("read_before * input_tokens", "input_before")
        ~ " - read_tokens) * read_saving_before_usd", "read_before"
    ) }}
{%- endmacro %}

{#- The columns of `rpt_missed_caches`, with who answers for the cause. -#}
{% macro missed_caches(causes) -%}
    select
        causes.month,
        causes.cause,
        causes.feature,
        causes.provider,
        causes.model_id,
        causes.prompt_name,
        causes.prompt_version,
        causes.previous_version,
        causes.change_event,
        {{ as_count("causes.prefixes") }} as prefixes,
        {{ as_count("causes.hashed_calls") }} as hashed_calls,
        {{ as_count("causes.repeated_calls") }} as repeated_calls,
        {{ as_count("causes.missed_calls") }} as missed_calls,
        causes.ideal_hit_ratio,
        causes.hit_ratio,
        {{ as_count("causes.unpriced_calls") }} as unpriced_calls,
        cast(causes.missed_usd as decimal(28, 9)) as missed_usd,
        {{ owner_name() }} as owner
    from {{ causes }} as causes
    {{ join_owners(
        "case causes.cause when 'prefix_changed' then 'cache_mix' else 'response_cache' end",
        "causes.feature"
    ) }}
{%- endmacro %}
