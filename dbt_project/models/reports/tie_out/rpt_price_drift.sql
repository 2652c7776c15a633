{#- The unit price that a bill implies against the price book, where both sides count tokens. -#}
with cells as (

    select * from {{ ref("fct_tie_out_cells") }}
    where is_compared and billed_tokens > 0 and seen_tokens > 0 and estimate_usd > 0

),

summed as (

    select
        month,
        provider,
        model_id,
        coalesce(token_class, 'all') as token_class,
        {{ as_count("count(distinct utc_day)") }} as days,
        {{ as_count("sum(billed_tokens)") }} as billed_tokens,
        -- prices are those of the days that are off, where there are any
        {% for column in
            ["billed_tokens", "seen_tokens", "list_usd", "charge_usd", "estimate_usd"] -%}
        coalesce(sum({{ column }}) filter (where price_usd <> 0), sum({{ column }}))
            as priced_{{ column }},
        {% endfor -%}
        sum(case when price_usd <> 0 then list_usd - price_usd end) as off_at_book_usd,
        cast(sum(price_usd) as decimal(28, 12)) as price_usd,
        {{ as_count("count(distinct case when price_usd <> 0 then utc_day end)") }} as days_off
    from cells
    group by month, provider, model_id, coalesce(token_class, 'all')

),

priced as (

    select
        *,
        {{ usd_per("priced_list_usd * 1000000", "priced_billed_tokens") }} as billed_usd_per_mtok,
        {{ usd_per("priced_charge_usd * 1000000", "priced_billed_tokens") }} as paid_usd_per_mtok,
        {{ usd_per("priced_estimate_usd * 1000000", "priced_seen_tokens") }} as book_usd_per_mtok,
        coalesce({{ ratio("price_usd", "off_at_book_usd") }}, 0) as drift_ratio
    from summed

),

final as (

    select
        month,
        provider,
        model_id as model,
        token_class,
        days,
        days_off,
        billed_tokens,
        book_usd_per_mtok,
        billed_usd_per_mtok,
        paid_usd_per_mtok,
        price_usd,
        drift_ratio,
        coalesce(abs(drift_ratio) > {{ var("price_drift_tolerance") }}, false) as is_drift
    from priced

)

select * from final
