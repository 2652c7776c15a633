{#-
    Closed tasks by how their answers came about: one call, a loop, a draft and its polish, a vote
    of samples. Rule: DECISIONS.md, `strategy`.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_days_to_rebuild('closed_date') }}",
    )
}}

-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

{%- set moment = "(started_at, source_name, call_id)" %}

with answers as (

    select
        task_id,
        request_id,
        max(sample_group) as sample_group,
        min(started_at) as started_at,
        bool_or(cached_hit) as is_cached,
        arg_max(model_tier, {{ moment }}) filter (where status = 'ok') as model_tier,
        bool_or(status <> 'error' and (attempted_fallbacks > 0 or fallback_reason is not null))
            or arg_min(model_id, {{ moment }}) filter (where status = 'error')
            <> arg_max(model_id, {{ moment }}) filter (where status = 'ok') as is_fallback,
        sum(estimate_usd) as estimate_usd
    from {{ ref("int_closed_task_calls") }}
    where is_model_turn
    group by task_id, request_id
    having bool_or(status = 'ok')

),

numbered as (

    select
        *,
        list_position(['small', 'mid', 'large'], model_tier) as tier_rank,
        row_number() over (
            partition by task_id, sample_group order by started_at, request_id
        ) as sample
    from answers

),

answered as (

    select
        task_id,
        count(*) as answers,
        max(sample) filter (where sample_group is not null) as samples,
        sum(estimate_usd) filter (where sample_group is not null and sample > 1)
            as further_samples_usd,
        bool_or(is_fallback) as is_fallback,
        bool_or(is_cached) as is_cached,
        -- each from as large a model as the one before, the last from a larger one than the first
        list(tier_rank order by started_at, request_id) as tiers,
        list_sort(tiers) = tiers and min(tier_rank) < max(tier_rank)
            and count(tier_rank) = count(*) as is_climbing,
        case when count(distinct model_tier) = 1 then min(model_tier) else 'mixed' end
            as model_tier
    from numbered
    group by task_id

),

tasks as (

    select
        tasks.closed_date,
        coalesce(tasks.task_type, 'unattributed') as task_type,
        coalesce(tasks.feature, 'unattributed') as feature,
        coalesce(tasks.tenant_id, 'unattributed') as tenant_id,
        {{ strategy_of("answered") }} as strategy,
        greatest(coalesce(answered.samples, 1), 1) as samples,
        coalesce(answered.model_tier, 'unknown') as model_tier,
        tasks.unpriced_calls = 0 as is_priced,
        tasks.status,
        tasks.estimate_usd,
        -- what else a success is had for, where nobody says what it brings
        coalesce(tasks.value_usd, tasks.baseline_usd) as worth_usd,
        tasks.unpriced_calls,
        answered.further_samples_usd
    from {{ ref("fct_tasks") }} as tasks
    left join answered on tasks.task_id = answered.task_id
    where tasks.closed_date is not null and {{ only_days_to_rebuild() }}

),

final as (

    select
        closed_date,
        task_type,
        feature,
        tenant_id,
        strategy,
        {{ as_count("samples") }} as samples,
        model_tier,
        {{ as_count("count(*) filter (where is_priced)") }} as tasks,
        {{ as_count("count(*) filter (where is_priced and status <> 'neutral')") }}
            as judged_tasks,
        {{ as_count("count(*) filter (where is_priced and status = 'success')") }} as successes,
        {{ sum_usd("case when is_priced then estimate_usd else 0 end") }} as estimate_usd,
        {{ sum_usd("case when is_priced and samples > 1 then further_samples_usd else 0 end") }}
            as further_samples_usd,
        {{ as_count("count(*) filter (where status = 'success' and worth_usd is not null)") }}
            as valued_successes,
        {{ sum_usd("coalesce(worth_usd, 0)") }} as worth_usd,
        {{ as_count("count(*) filter (where not is_priced)") }} as unpriced_tasks,
        {{ as_count("sum(unpriced_calls)") }} as unpriced_calls
    from tasks
    group by all

)

select * from final
