{#- Reads earlier builds by name: it asks what they said before this run changes them. -#}
-- depends_on: {{ ref("stg_lake__run_context") }}
{% set is_later_build = built_before("marts", "fct_tasks") %}

with calls as (

    select distinct task_id
    from {{ ref("int_calls_in_traces") }}
    where task_id is not null and {{ in_changed_days(["gateway_calls"], "fct_tasks") }}

),

evaluations as (

    select distinct task_id from {{ ref("int_evaluations_joined_to_tasks") }}

),

-- tasks that a changed day had before: they may have lost a call or an evaluation
before as (

    {% if is_later_build -%}
    select task_id
    from {{ target.database }}.marts.fct_calls
    where task_id is not null and {{ in_changed_days(["gateway_calls"], "fct_tasks") }}
    union
    select task_id
    from {{ target.database }}.intermediate.int_evaluations
    where {{ in_changed_days(["task_outcomes"], "fct_tasks") }}
    {%- else -%}
    select task_id from calls where false
    {%- endif %}

),

overdue as (

    {% if is_later_build -%}
    select tasks.task_id
    from {{ target.database }}.marts.fct_tasks as tasks
    cross join {{ ref("stg_lake__run_context") }} as run
    where tasks.status = 'pending'
        and tasks.last_call_day < run.as_of_day - {{ var("outcome_window_days") }}
    {%- else -%}
    select task_id from calls where false
    {%- endif %}

),

touched as (

    select task_id from calls
    union
    select task_id from evaluations
    union
    select task_id from before
    union
    select task_id from overdue

),

final as (

    select
        touched.task_id,
        {% if is_later_build -%}
        tasks.closed_date as closed_date_before,
        tasks.reversed_date as reversed_date_before,
        tasks.first_call_day as first_call_day_before,
        tasks.last_call_day as last_call_day_before,
        verdicts.first_evaluated_day as first_evaluated_day_before,
        verdicts.last_evaluated_day as last_evaluated_day_before
    from touched
    left join {{ target.database }}.marts.fct_tasks as tasks on touched.task_id = tasks.task_id
    left join {{ target.database }}.intermediate.int_task_verdicts as verdicts
        on touched.task_id = verdicts.task_id
        {%- else -%}
        cast(null as date) as closed_date_before,
        cast(null as date) as reversed_date_before,
        cast(null as date) as first_call_day_before,
        cast(null as date) as last_call_day_before,
        cast(null as date) as first_evaluated_day_before,
        cast(null as date) as last_evaluated_day_before
    from touched
        {%- endif %}

)

select * from final
