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

omitted as (

    select
        omitted.utc_day,
        omitted.source_name,
        omitted.source_file,
        'no call' as kind,
        case
            when omitted.reason = 'metrics: sums of calls' and omitted.session_id is not null
                and sessions.session_id is null
                then 'metrics: sums of calls that nothing else states'
            else omitted.reason
        end as reason,
        omitted.records,
        {{ stated_tokens("input") }} as input_tokens,
        {{ stated_tokens("output") }} as output_tokens,
        cast(null as bigint) as unclassified_tokens,
        omitted.reported_cost_usd
    from {{ ref("stg_gateway__omitted_records") }} as omitted
    left join sessions
        on omitted.utc_day = sessions.utc_day and omitted.session_id = sessions.session_id
    where {{ only_changed_days(["gateway_calls", "omitted_records"], "omitted.utc_day") }}

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
