{#-
    Writing calls whose cached answers came before more failed tasks than there are otherwise, over
    the newest days. Rule: DECISIONS.md, `wrong_answers_usd`.
-#}
{{ config(materialized="view") }}

with answers as (

    select * from {{ ref("fct_cached_answers_daily") }}

),

tasks as (

    select * from {{ ref("fct_semantic_hits_daily") }}

),

newest as (

    select max(closed_date) as newest_date from tasks

),

entries as (

    select
        answers.task_type,
        answers.feature,
        answers.layer,
        answers.cache_source_call_id,
        min(answers.cache_source_tenant_id) as cache_source_tenant_id,
        min(answers.provider) as provider,
        min(answers.model_id) as model_id,
        min(answers.written_at) as written_at,
        min(answers.closed_date) as first_closed_date,
        max(answers.closed_date) as last_closed_date,
        sum(answers.tasks) as tasks,
        sum(answers.failures) as failures,
        sum(answers.hits) as hits,
        sum(answers.avoided_usd) as avoided_usd,
        -- one task says nothing of an answer: so many are compared
        count(*) filter (where sum(answers.tasks) > 1) over () as compared
    from answers
    cross join newest
    where answers.closed_date > newest.newest_date - {{ var("cap_curve_days") }}
    group by
        answers.task_type, answers.feature, answers.layer, answers.cache_source_call_id

),

others as (

    select
        tasks.task_type,
        tasks.feature,
        {{ ratio("sum(tasks.failures)", "sum(tasks.successes + tasks.failures)") }}
            as failure_ratio,
        {{ usd_per("sum(tasks.estimate_usd)", "sum(tasks.successes)") }} as cost_per_success_usd
    from tasks
    cross join newest
    where not tasks.has_semantic_hit
        and tasks.closed_date > newest.newest_date - {{ var("cap_curve_days") }}
    group by tasks.task_type, tasks.feature

),

final as (

    select
        entries.task_type,
        entries.feature,
        entries.layer,
        entries.cache_source_call_id,
        entries.cache_source_tenant_id,
        entries.provider,
        entries.model_id,
        entries.written_at,
        entries.first_closed_date,
        entries.last_closed_date,
        {{ as_count("entries.tasks") }} as tasks,
        {{ as_count("entries.failures") }} as failures,
        {{ ratio("entries.failures", "entries.tasks") }} as failure_ratio,
        others.failure_ratio as other_failure_ratio,
        {{ as_count("entries.hits") }} as hits,
        cast(entries.avoided_usd as decimal(28, 9)) as avoided_usd,
        cast(greatest(0, entries.failures - entries.tasks * others.failure_ratio)
            * others.cost_per_success_usd as decimal(28, 9)) as extra_failures_usd,
        -- where many answers are compared, one of them has bad luck
        coalesce(
            {{ tail_exponent("entries.failures", "entries.tasks", "others.failure_ratio") }}
            > {{ tail_bound("entries.compared") }}, false
        ) as is_beyond_chance
    from entries
    left join others
        on entries.task_type = others.task_type
        and entries.feature = others.feature
    where entries.failures > 1

)

select * from final
