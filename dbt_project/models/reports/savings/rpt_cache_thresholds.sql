{#-
    What a semantic cache saves and which failures it adds at each threshold of similarity. Rule:
    DECISIONS.md, `extra_failures`.
-#}
{{ config(materialized="view") }}

with hits as (

    select
        task_type,
        feature,
        similarity_percent,
        sum(successes + failures) as tasks,
        sum(failures) as failures,
        sum(hits) as hits,
        sum(avoided_usd) as avoided_usd
    from {{ ref("fct_semantic_hits_daily") }}
    where has_semantic_hit and similarity_percent is not null
    group by task_type, feature, similarity_percent

),

others as (

    select
        task_type,
        feature,
        sum(successes + failures) as tasks,
        sum(failures) as failures,
        {{ usd_per("sum(estimate_usd)", "sum(successes)") }} as cost_per_success_usd
    from {{ ref("fct_semantic_hits_daily") }}
    where not has_semantic_hit
    group by task_type, feature

),

kept as (

    select
        task_type,
        feature,
        similarity_percent as threshold_percent,
        sum(tasks) over higher as tasks,
        sum(failures) over higher as failures,
        sum(hits) over higher as hits,
        sum(avoided_usd) over higher as avoided_usd
    from hits
    window higher as (partition by task_type, feature order by similarity_percent desc)

),

judged as (

    select
        kept.*,
        {{ ratio("others.failures", "others.tasks") }} as other_failure_ratio,
        others.cost_per_success_usd,
        cast(
            kept.failures - kept.tasks * {{ ratio("others.failures", "others.tasks") }}
            as decimal(18, 3)
        ) as extra_failures
    from kept
    left join others on kept.task_type = others.task_type and kept.feature = others.feature

),

costed as (

    select
        *,
        -- fewer failures than otherwise are no merit of a cache
        cast(greatest(extra_failures, 0) * cost_per_success_usd as decimal(28, 9))
            as extra_failures_usd,
        cast(avoided_usd - greatest(extra_failures, 0) * cost_per_success_usd as decimal(28, 9))
            as net_saving_usd
    from judged

),

final as (

    select
        task_type,
        feature,
        threshold_percent,
        {{ as_count("hits") }} as hits,
        {{ as_count("tasks") }} as tasks,
        {{ ratio("failures", "tasks") }} as failure_ratio,
        other_failure_ratio,
        extra_failures,
        cast(avoided_usd as decimal(28, 9)) as saved_usd,
        extra_failures_usd,
        net_saving_usd,
        coalesce(
            net_saving_usd > 0
            and row_number() over (
                partition by task_type, feature
                order by net_saving_usd desc nulls last, threshold_percent desc
            ) = 1,
            false
        ) as is_recommended
    from costed

)

select * from final
