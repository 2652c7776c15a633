{#-
    Closed tasks by the least similar answer that a semantic cache gave them, beside those that it
    gave none: what a higher threshold would keep. Rule: DECISIONS.md, `extra_failures`.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_days_to_rebuild('closed_date') }}",
    )
}}

-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with hits as (

    select
        task_id,
        cast(floor(min(cache_similarity) * 100) as integer) as similarity_percent,
        -- of the least similar answer
        arg_min(provider, (cache_similarity is null, cache_similarity, call_id)) as provider,
        arg_min(model_id, (cache_similarity is null, cache_similarity, call_id)) as model_id,
        count(*) as hits,
        sum(avoided_usd) as avoided_usd
    from {{ ref("int_closed_task_calls") }}
    where cached_hit and cache_layer = 'semantic'
    group by task_id

),

tasks as (

    select * from {{ ref("fct_tasks") }}
    where closed_date is not null and {{ only_days_to_rebuild() }}

),

final as (

    select
        tasks.closed_date,
        coalesce(tasks.task_type, 'unattributed') as task_type,
        coalesce(tasks.feature, 'unattributed') as feature,
        hits.task_id is not null as has_semantic_hit,
        hits.similarity_percent,
        hits.provider,
        hits.model_id,
        {{ as_count("count(*)") }} as tasks,
        {{ as_count("count(*) filter (where tasks.status = 'success')") }} as successes,
        {{ as_count("count(*) filter (where tasks.status = 'failure')") }} as failures,
        {{ as_count("coalesce(sum(hits.hits), 0)") }} as hits,
        {{ sum_usd("case when hits.task_id is null then 0 else hits.avoided_usd end") }}
            as avoided_usd,
        {{ sum_usd("tasks.estimate_usd") }} as estimate_usd
    from tasks
    left join hits on tasks.task_id = hits.task_id
    group by all

)

select * from final
