{#- Every record that was left out of fct_calls, and why: nothing is dropped in silence. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls']) }}",
    )
}}

with copies as (

    select
        utc_day,
        source_name,
        call_id,
        copy_number,
        source_file,
        source_line,
        'same record' as rule,
        utc_day as kept_utc_day,
        source_name as kept_source_name,
        call_id as kept_call_id
    from {{ ref("int_calls_numbered") }}
    where copy_number > 1 and {{ only_changed_days(["gateway_calls"]) }}

),

repeated as (

    select
        repeated.utc_day,
        repeated.source_name,
        repeated.call_id,
        records.copy_number,
        records.source_file,
        records.source_line,
        repeated.rule,
        repeated.kept_utc_day,
        repeated.kept_source_name,
        repeated.kept_call_id
    from {{ ref("int_calls_repeated") }} as repeated
    inner join {{ ref("int_calls_numbered") }} as records
        on repeated.utc_day = records.utc_day
        and repeated.source_name = records.source_name
        and repeated.call_id = records.call_id
        and records.copy_number = 1
    where {{ only_changed_days(["gateway_calls"], "repeated.utc_day") }}

),

final as (

    select * from copies
    union all by name
    select * from repeated

)

select * from final
