{#- Tasks that another than the chosen model answered, by reason, beside those without fallback. -#}
{{ config(materialized="view") }}

with tasks as (

    select
        {{ month_of("closed_date") }} as month,
        task_type,
        feature,
        fallback_reason,
        sum(tasks) as tasks,
        sum(successes) as successes,
        sum(judged_neutral_tasks) as judged_neutral_tasks,
        sum(fallback_calls) as fallback_calls,
        sum(fallback_usd) as fallback_usd,
        sum(estimate_usd) as estimate_usd
    from {{ ref("fct_fallbacks_daily") }}
    group by {{ month_of("closed_date") }}, task_type, feature, fallback_reason

),

shared as (

    select
        *,
        sum(tasks) over (partition by month, task_type, feature) as all_tasks
    from tasks

),

final as (

    select
        shared.month,
        shared.task_type,
        shared.feature,
        shared.fallback_reason,
        {{ as_count("shared.tasks") }} as tasks,
        {{ ratio("shared.tasks", "shared.all_tasks") }} as share,
        {{ as_count("shared.fallback_calls") }} as fallback_calls,
        cast(shared.fallback_usd as decimal(28, 9)) as fallback_usd,
        {{ usd_per("shared.fallback_usd", "shared.fallback_calls") }} as usd_per_fallback,
        {{ ratio("shared.successes", "shared.tasks - shared.judged_neutral_tasks") }}
            as success_ratio,
        {{ usd_per("shared.estimate_usd", "shared.successes") }} as cost_per_success_usd,
        {{ owner_name() }} as owner
    from shared
    {{ join_owners("'model_mix'", "shared.feature") }}

)

select * from final
