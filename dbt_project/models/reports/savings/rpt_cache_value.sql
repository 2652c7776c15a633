{#- What each cache layer saved, by month and model, and from which hit ratio on it pays. -#}
{{ config(materialized="view") }}

with usage as (

    select
        {{ month_of("call_date") }} as month,
        provider,
        model_id,
        sum(cache_lookups) as lookups,
        sum(cache_hits - semantic_hits) as exact_hits,
        sum(semantic_hits) as semantic_hits,
        sum(avoided_usd - semantic_avoided_usd) as exact_usd,
        sum(semantic_avoided_usd) as semantic_usd,
        sum(billable_input_tokens) as input_tokens,
        sum(billable_cache_read_tokens) as read_tokens,
        sum(cache_saving_usd) as prefix_usd,
        sum(cache_write_premium_usd) as write_premium_usd
    from {{ ref("fct_usage_daily") }}
    group by {{ month_of("call_date") }}, provider, model_id

),

layers as (

    select
        month,
        provider,
        model_id,
        'prefix' as layer,
        read_tokens as hits,
        input_tokens as lookups,
        prefix_usd as net_saving_usd,
        write_premium_usd,
        -- the share that reads must be, for the writes that were made, to save what these cost
        read_tokens * write_premium_usd as break_even_part,
        input_tokens * (prefix_usd + write_premium_usd) as break_even_whole
    from usage
    where read_tokens > 0 or write_premium_usd <> 0
    {% for layer in ["exact", "semantic"] -%}
    union all
    select
        month,
        provider,
        model_id,
        '{{ layer }}' as layer,
        {{ layer }}_hits as hits,
        lookups,
        {{ layer }}_usd as net_saving_usd,
        0 as write_premium_usd,
        0 as break_even_part,
        1 as break_even_whole
    from usage
    where {{ layer }}_hits > 0
    {% endfor %}

),

final as (

    select
        month,
        layer,
        provider,
        model_id,
        {{ as_count("hits") }} as hits,
        {{ as_count("lookups") }} as lookups,
        {{ ratio("hits", "lookups") }} as hit_ratio,
        cast(write_premium_usd as decimal(28, 9)) as write_premium_usd,
        cast(net_saving_usd as decimal(28, 9)) as net_saving_usd,
        {{ ratio("break_even_part", "break_even_whole") }} as break_even_ratio,
        case
            when net_saving_usd > 0 then 'saves'
            when net_saving_usd < 0 then 'costs money'
            when net_saving_usd = 0 then 'breaks even'
            else 'no data'
        end as verdict
    from layers

)

select * from final
