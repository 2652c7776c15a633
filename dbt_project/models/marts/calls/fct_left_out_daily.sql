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
        estimate_usd,
        reported_cost_usd
    from {{ ref("fct_duplicate_calls") }}
    where {{ only_changed_days(["gateway_calls", "omitted_records"]) }}

),

-- sums of a session that states its calls one by one add nothing; of another they may
sessions as (

    select utc_day, session_id
    from {{ ref("fct_calls") }}
    where {{ only_changed_days(["gateway_calls", "omitted_records"]) }}
        and session_id in (
            select session_id from {{ ref("stg_gateway__omitted_records") }}
            where starts_with(reason, 'metrics: ')
        )
    group by utc_day, session_id

),

no_calls as (

    select
        priced.utc_day,
        priced.source_name,
        priced.source_file,
        'no call' as kind,
        case
            when priced.reason = 'metrics: sums of calls' and priced.session_id is not null
                and sessions.session_id is null
                then 'metrics: sums of calls that nothing else states'
            else priced.reason
        end as reason,
        priced.records,
        priced.input_tokens,
        {{ stated_tokens("output") }} as output_tokens,
        priced.unclassified_tokens,
        priced.estimate_usd,
        priced.reported_cost_usd,
        priced.reported_cost is not null and priced.reported_cost_usd is null as is_unconverted
    from {{ ref("int_omitted_records_priced") }} as priced
    left join sessions
        on priced.utc_day = sessions.utc_day and priced.session_id = sessions.session_id
    where {{ only_changed_days(["gateway_calls", "omitted_records"], "priced.utc_day") }}

),

left_out as (

    select * from duplicates
    union all by name
    select * from no_calls

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
        {{ sum_usd("estimate_usd") }} as estimate_usd,
        {{ as_count("coalesce(sum(records) filter (where estimate_usd is null"
            ~ " and coalesce(input_tokens, output_tokens, unclassified_tokens) is not null), 0)")
        }} as unpriced_records,
        {{ sum_usd("reported_cost_usd") }} as reported_usd,
        {{ as_count("coalesce(sum(records) filter (where is_unconverted), 0)") }}
            as unconverted_records
    from left_out
    group by utc_day, source_name, source_file, kind, reason

)

select * from final
