with usage as (

    select * from {{ ref("fct_usage_daily") }}

),

gateway as (

    select
        call_date as day,
        'gateway' as layer,
        sum(cache_hits) as hits,
        sum(cache_lookups) as lookups,
        sum(avoided_usd) as saved_usd
    from usage
    group by call_date

),

prefix as (

    select
        call_date as day,
        'provider prefix' as layer,
        sum(billable_cache_read_tokens) as hits,
        sum(billable_input_tokens) as lookups,
        sum(cache_saving_usd) as saved_usd
    from usage
    group by call_date

),

layers as (

    select * from gateway
    union all
    select * from prefix

),

final as (

    select
        day,
        layer,
        {{ as_count("hits") }} as hits,
        {{ as_count("lookups") }} as lookups,
        {{ ratio("hits", "lookups") }} as hit_ratio,
        cast(saved_usd as decimal(28, 9)) as saved_usd
    from layers

)

select * from final
