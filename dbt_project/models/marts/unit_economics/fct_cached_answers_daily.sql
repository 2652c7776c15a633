{#-
    Closed tasks by the writing call whose answer a cache gave them again, and how they ended: where
    wrong answers come from. Rule: DECISIONS.md, `wrong_answers_usd`.
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
        cache_source_call_id,
        {{ cache_layer() }} as layer,
        min(cache_source_tenant_id) as cache_source_tenant_id,
        min(provider) as provider,
        min(model_id) as model_id,
        min(started_at - to_seconds(cache_age_seconds)) as written_at,
        count(*) as hits,
        sum(avoided_usd) as avoided_usd
    from {{ ref("int_closed_task_calls") }}
    where cached_hit and cache_source_call_id is not null
    group by task_id, cache_source_call_id, {{ cache_layer() }}

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
        hits.layer,
        hits.cache_source_call_id,
        min(hits.cache_source_tenant_id) as cache_source_tenant_id,
        min(hits.provider) as provider,
        min(hits.model_id) as model_id,
        min(hits.written_at) as written_at,
        {{ as_count("count(*) filter (where tasks.status <> 'neutral')") }} as tasks,
        {{ as_count("count(*) filter (where tasks.status = 'failure')") }} as failures,
        {{ as_count("sum(hits.hits)") }} as hits,
        {{ sum_usd("hits.avoided_usd") }} as avoided_usd
    from hits
    inner join tasks on hits.task_id = tasks.task_id
    group by
        tasks.closed_date, coalesce(tasks.task_type, 'unattributed'),
        coalesce(tasks.feature, 'unattributed'), hits.layer, hits.cache_source_call_id

)

select * from final
