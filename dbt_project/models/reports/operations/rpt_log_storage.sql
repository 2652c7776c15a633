{#- What logs cost to keep, by month and source, with the sum of each month. -#}
{{ config(materialized="view") }}

with months as (

    select * from {{ ref("fct_log_storage_monthly") }}

),

totals as (

    select
        month,
        'total' as row_kind,
        'total' as source_name,
        {{ as_count("sum(landed_bytes)") }} as landed_bytes,
        {{ as_count("sum(kept_bytes)") }} as kept_bytes,
        {{ sum_usd("storage_usd") }} as storage_usd,
        {{ as_count("count(*) filter (where usd_per_gb_month is null)") }} as unpriced_sources,
        {{ as_count("count(*) filter (where state in ('too_long', 'too_short'))") }}
            as flagged_sources
    from months
    group by month

),

sources as (

    select
        months.*,
        'source' as row_kind,
        {{ as_count("case when usd_per_gb_month is null then 1 else 0 end") }} as unpriced_sources,
        {{ as_count("case when state in ('too_long', 'too_short') then 1 else 0 end") }}
            as flagged_sources
    from months

),

rows_of_both as (

    select * from sources
    union all by name
    select * from totals

),

final as (

    select
        month,
        row_kind,
        source_name,
        landed_bytes,
        kept_bytes,
        usd_per_gb_month,
        storage_usd,
        unpriced_sources,
        retention_days,
        keep_at_least_days,
        keep_at_most_days,
        state,
        flagged_sources
    from rows_of_both

)

select * from final
