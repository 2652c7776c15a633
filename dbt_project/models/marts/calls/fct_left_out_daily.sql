{#- What files of calls state and no call counts, and why: nothing is dropped in silence. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls', 'omitted_records']) }}",
    )
}}

with duplicates as (

    select
        utc_day,
        source_name,
        source_file,
        'duplicate' as kind,
        rule as reason,
        1 as records,
        input_tokens,
        output_tokens,
        unclassified_tokens,
        reported_cost_usd
    from {{ ref("fct_duplicate_calls") }}
    where {{ only_changed_days(["gateway_calls", "omitted_records"]) }}

),

omitted as (

    select
        utc_day,
        source_name,
        source_file,
        'no call' as kind,
        reason,
        records,
        {{ stated_tokens("input") }} as input_tokens,
        {{ stated_tokens("output") }} as output_tokens,
        cast(null as bigint) as unclassified_tokens,
        reported_cost_usd
    from {{ ref("stg_gateway__omitted_records") }}
    where {{ only_changed_days(["gateway_calls", "omitted_records"]) }}

),

left_out as (

    select * from duplicates
    union all by name
    select * from omitted

),

final as (

    select
        utc_day,
        source_name,
        source_file,
        kind,
        reason,
        {{ as_count("sum(records)") }} as records,
        {{ as_count("sum(input_tokens)") }} as input_tokens,
        {{ as_count("sum(output_tokens)") }} as output_tokens,
        {{ as_count("sum(unclassified_tokens)") }} as unclassified_tokens,
        {{ sum_usd("reported_cost_usd") }} as reported_usd
    from left_out
    group by utc_day, source_name, source_file, kind, reason

)

select * from final
