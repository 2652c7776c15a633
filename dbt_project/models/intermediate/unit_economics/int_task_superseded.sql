{#- What the tasks of this run cost before they were taken back and done again. -#}
{{ config(materialized="ephemeral") }}

with again as (

    select task_id, taken_back_at from {{ ref("int_task_verdicts") }}
    where taken_back_at is not null
        and task_id in (select task_id from {{ ref("int_tasks_to_rebuild") }})

),

calls as (

    select *, {{ is_duplicate_answer() }} as is_duplicate
    from {{ ref("fct_calls") }}
    where task_id in (select task_id from again)
        and utc_day in (
            select utc_day from {{ ref("int_task_days") }} where table_name = 'gateway_calls'
        )
        and cost_scope = 'product'

),

final as (

    select
        calls.task_id,
        {% for basis, usd in {"estimate": "estimate_usd",
            "reported": "reported_cost_usd"}.items() -%}
        {{ sum_usd("case when calls.started_at < again.taken_back_at and calls.status = 'ok'"
            ~ " and not calls.is_duplicate then calls." ~ usd ~ " else 0 end") }}
            as superseded_{{ basis }}_usd{{ "," if not loop.last }}
        {% endfor %}
    from calls
    inner join again on calls.task_id = again.task_id
    group by calls.task_id
    -- what nothing followed was not replaced
    having max(calls.started_at) >= max(again.taken_back_at)

)

select * from final
