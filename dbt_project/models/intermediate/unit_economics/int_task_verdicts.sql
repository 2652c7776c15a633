{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        on_schema_change="fail",
        pre_hook="{{ delete_rows_to_rebuild('task_id', ref('int_tasks_to_rebuild')) }}",
    )
}}

-- depends_on: {{ ref("int_task_days") }}

with evaluations as (

    select * from {{ ref("int_evaluations") }}
    {% if is_incremental() -%}
    where utc_day in (
        select utc_day from {{ ref("int_task_days") }} where table_name = 'task_outcomes'
    )
    and task_id in (select task_id from {{ ref("int_tasks_to_rebuild") }})
    {%- endif %}

),

ranked as (

    select
        *,
        row_number() over (
            partition by task_id
            -- between two evaluations of one moment the less flattering one counts
            order by outcome = 'pending' asc, evaluator_rank asc, judged_at desc, outcome asc
        ) as evaluation_rank,
        {{ as_count("count(*) over (partition by task_id)") }} as evaluations,
        max(judged_at) filter (where outcome in ('failure', 'reopened')) over (
            partition by task_id, evaluator_rank
        ) as taken_back_at,
        min(utc_day) over (partition by task_id) as first_evaluated_day,
        max(utc_day) over (partition by task_id) as last_evaluated_day
    from evaluations

),

final as (

    select
        task_id,
        case outcome when 'success' then 'success' when 'pending' then null else 'failure' end
            as verdict,
        case when outcome <> 'pending' then judged_at end as closed_at,
        case when outcome = 'success' then taken_back_at end as taken_back_at,
        outcome_label,
        evaluator_type,
        task_type,
        tenant_id,
        feature,
        variant,
        evaluations,
        first_evaluated_day,
        last_evaluated_day
    from ranked
    where evaluation_rank = 1

)

select * from final
