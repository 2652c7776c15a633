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

chosen as (

    select * from ranked where choice = 1

),

final as (

    -- what a record repeats may repeat another: of one day every build knows that
    select
        chosen.utc_day,
        chosen.source_name,
        chosen.call_id,
        chosen.source_rank,
        chosen.started_at,
        chosen.rule,
        coalesce(further.kept_utc_day, next.kept_utc_day, chosen.kept_utc_day) as kept_utc_day,
        coalesce(further.kept_source_name, next.kept_source_name, chosen.kept_source_name)
            as kept_source_name,
        coalesce(further.kept_call_id, next.kept_call_id, chosen.kept_call_id) as kept_call_id
    from chosen
    left join chosen as next
        on chosen.kept_utc_day = next.utc_day
        and chosen.kept_source_name = next.source_name
        and chosen.kept_call_id = next.call_id
        and chosen.utc_day = next.utc_day
    left join chosen as further
        on next.kept_utc_day = further.utc_day
        and next.kept_source_name = further.source_name
        and next.kept_call_id = further.call_id
        and next.utc_day = further.utc_day
    where {{ only_changed_days(["gateway_calls"], "chosen.utc_day") }}

)

select * from final
