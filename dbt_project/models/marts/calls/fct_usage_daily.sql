{#- The roll-up that reports read, so that none of them scans calls. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls']) }}",
    )
}}

with calls as (

    select * from {{ ref("fct_calls") }}
    where {{ only_changed_days(["gateway_calls"]) }}

),

final as (

    select
        utc_day,
        call_date,
        source_name,
        provider,
        model_id,
        is_model_known,
        feature,
        tenant_id,
        team_tag,
        sub_account_id,
        cost_scope,
        service_tier,
        price_region,
        price_from_tokens,
        {{ as_count("count(*)") }} as calls,
        {{ as_count("count(*) filter (where status = 'error')") }} as error_calls,
        {{ as_count("count(*) filter (where status = 'aborted')") }} as aborted_calls,
        {{ as_count("count(*) filter (where is_cache_lookup)") }} as cache_lookups,
        {{ as_count("count(*) filter (where is_cache_lookup and cached_hit)") }} as cache_hits,
        {{ as_count("sum(billable_input_tokens)") }} as billable_input_tokens,
        {{ as_count("sum(billable_cache_read_tokens)") }} as billable_cache_read_tokens,
        {{ as_count("sum(case when not cached_hit then output_tokens end)") }}
            as billable_output_tokens,
        {% for c in token_classes() -%}
        {{ as_count("sum(" ~ c ~ "_tokens) filter (where not cached_hit and not is_unpriced)") }}
            as priced_{{ c }}_tokens,
        {% endfor -%}
        {% for side in ["input", "output"] -%}
        {{ as_count("sum(case when is_unpriced then " ~ all_tokens(side) ~ " end)") }}
            as unpriced_{{ side }}_tokens,
        {% endfor -%}
        {{ sum_usd("estimate_usd") }} as estimate_usd,
        {% for c in token_classes() -%}
        {{ sum_usd(c ~ "_usd") }} as {{ c }}_usd,
        {% endfor -%}
        {{ sum_usd("reported_cost_usd") }} as reported_usd,
        {{ sum_usd("case when status = 'ok' then 0 else estimate_usd end") }}
            as failed_attempts_usd,
        {{ sum_usd("avoided_usd") }} as avoided_usd,
        {{ as_count("count(*) filter (where is_cache_lookup and cached_hit"
            ~ " and cache_layer = 'semantic')") }} as semantic_hits,
        {{ sum_usd("case when cache_layer = 'semantic' then avoided_usd else 0 end") }}
            as semantic_avoided_usd,
        {{ sum_usd("cache_saving_usd") }} as cache_saving_usd,
        {{ sum_usd("cache_write_premium_usd") }} as cache_write_premium_usd,
        {{ sum_usd("cache_saving_at_standard_usd") }} as cache_saving_at_standard_usd,
        {% for name in ["tier_saving", "region_premium", "long_context_premium"] -%}
        {{ sum_usd(name ~ "_usd") }} as {{ name }}_usd,
        {% endfor -%}
        {{ sum_usd("cache_saving_usd - cache_saving_at_standard_usd") }} as tier_interaction_usd,
        {{ as_count("count(*) filter (where tier_saving_usd is null)") }} as unjudged_calls,
        {% for name in ["region", "long_context"] -%}
        {{ as_count("count(*) filter (where " ~ name ~ "_premium_usd is null)") }}
            as unjudged_{{ name }}_calls,
        {% endfor -%}
        {{ as_count("count(*) filter (where " ~ is_compression_stated() ~ ")") }}
            as compression_stated_calls,
        {{ sum_usd("case when " ~ is_compression_stated() ~ " then " ~ compression_saving_usd()
            ~ " end") }} as compression_saving_usd,
        {{ as_count("count(*) filter (where service_tier = 'standard' and not cached_hit)") }}
            as standard_calls,
        {{ as_count("count(*) filter (where service_tier = 'standard' and not cached_hit"
            ~ " and is_interactive is not null)") }} as interactivity_stated_calls,
        {{ as_count("count(*) filter (where is_unpriced)") }} as unpriced_calls,
        {{ as_count("count(*) filter (where reported_cost_usd is null)") }} as unreported_calls,
        {{ as_count("count(*) filter (where reported_cost is not null"
            ~ " and reported_cost_usd is null)") }} as unconverted_calls,
        {{ as_count("sum(duplicates_dropped)") }} as duplicates_dropped
    from calls
    group by
        utc_day, call_date, source_name, provider, model_id, is_model_known, feature, tenant_id,
        team_tag, sub_account_id, cost_scope, service_tier, price_region, price_from_tokens

)

select * from final
