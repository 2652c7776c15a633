{#-
    Records of calls that another source, or another span, has already: each with the record that
    counts instead. Rules and worked example: DECISIONS.md, `duplicates_dropped`.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls']) }}",
    )
}}

with pairs as (

    select * from {{ ref("int_calls_matched_by_id") }}
    union all by name
    select * from {{ ref("int_calls_matched_by_span") }}
    union all by name
    select * from {{ ref("int_calls_matched_by_content") }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by utc_day, source_name, call_id
            order by strength, kept_source_rank, kept_utc_day, kept_call_id
        ) as choice
    from pairs

),

final as (

    select
        utc_day,
        source_name,
        call_id,
        source_rank,
        started_at,
        rule,
        kept_utc_day,
        kept_source_name,
        kept_call_id
    from ranked
    where choice = 1 and {{ only_changed_days(["gateway_calls"]) }}

)

select * from final
