{#- Every record that was left out of fct_calls, and why: nothing is dropped in silence. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls']) }}",
    )
}}

with records as (

    select * from {{ ref("int_calls_numbered") }}

),

copies as (

    select
        *,
        'same record' as rule,
        utc_day as kept_utc_day,
        source_name as kept_source_name,
        call_id as kept_call_id
    from records
    where copy_number > 1 and {{ only_changed_days(["gateway_calls"]) }}

),

repeated as (

    select
        records.*,
        repeated.rule,
        repeated.kept_utc_day,
        repeated.kept_source_name,
        repeated.kept_call_id
    from {{ ref("int_calls_repeated") }} as repeated
    inner join records
        on repeated.utc_day = records.utc_day
        and repeated.source_name = records.source_name
        and repeated.call_id = records.call_id
        and records.copy_number = 1
    where {{ only_changed_days(["gateway_calls"], "repeated.utc_day") }}

),

dropped as (

    select * from copies
    union all by name
    select * from repeated

),

priced as (

    {{ priced_calls("dropped") }}

),

final as (

    select
        utc_day,
        source_name,
        call_id,
        copy_number,
        source_file,
        source_line,
        {{ as_count("input_tokens") }} as input_tokens,
        {{ as_count(stated_tokens("output")) }} as output_tokens,
        unclassified_tokens,
        estimate_usd,
        reported_cost_usd,
        -- a trace that stands for its task is no name of one
        nullif(task_id, trace_id) as task_id,
        rule,
        kept_utc_day,
        kept_source_name,
        kept_call_id
    from priced

)

select * from final
