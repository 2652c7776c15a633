{#- The evaluation that decides each task. Rules and worked examples: DECISIONS.md, `status`. -#}
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

ruled as (

    select
        evaluations.* replace ({{ ruled_outcome("evaluations", "types") }} as outcome),
        types.min_score,
        types.hold_days,
        types.human_minutes as expected_minutes,
        types.human_usd_per_hour,
        types.value_usd as value_of_success_usd,
        types.baseline_usd as baseline_of_success_usd
    from evaluations
    left join {{ ref("int_task_calls") }} as calls on evaluations.task_id = calls.task_id
    left join {{ ref("stg_workspace__task_types") }} as types
        on coalesce(calls.task_type, evaluations.task_type) = types.task_type
        and evaluations.judged_at >= types.valid_from
        and evaluations.judged_at < types.valid_to

),

held as (

    select *, {{ reversal_at() }} as reversal_at from ruled

),

told as (

    select
        *,
        min(reversal_at) over (partition by task_id, evaluator_rank) as reversed_at
    from held

),

ranked as (

    select
        *,
        row_number() over (
            partition by task_id
            -- between two evaluations of one moment the less flattering one counts
            order by {{ can_decide() }} desc, evaluator_rank asc, judged_at desc,
                list_position(['failure', 'reopened', 'neutral', 'success'], outcome) asc
        ) as evaluation_rank,
        {{ as_count("count(*) over (partition by task_id)") }} as evaluations,
        max(judged_at) filter (
            where outcome in ('failure', 'reopened') and {{ can_decide() }}
        ) over (partition by task_id, evaluator_rank) as taken_back_at,
        {{ deciding_score() }} as deciding_score,
        cast(sum(human_minutes) over (partition by task_id) as decimal(18, 9)) as stated_minutes,
        min(utc_day) over (partition by task_id) as first_evaluated_day,
        max(utc_day) over (partition by task_id) as last_evaluated_day
    from told

),

decided as (

    select
        *,
        {{ can_decide() }} as is_decided,
        outcome = 'success' and coalesce(deciding_score < min_score, false) as is_below_floor,
        {{ verdict_of_decided() }} as verdict
    from ranked
    where evaluation_rank = 1

),

final as (

    select
        task_id,
        verdict,
        case when is_decided then judged_at end as closed_at,
        case when verdict = 'success' then taken_back_at end as taken_back_at,
        case when verdict = 'success' then reversed_at end as reversed_at,
        is_below_floor,
        {{ worth_of_decided() }},
        outcome_label,
        evaluator_type,
        task_type,
        tenant_id,
        feature,
        variant,
        evaluations,
        first_evaluated_day,
        last_evaluated_day
    from decided

)

select * from final
