{#-
    The measures of a cohort of closed tasks, on one cost basis: one definition for every grain.
    `dimensions` are columns of `fct_tasks` expressions given as {alias: expression}.
-#}
{% macro unit_cost_select(tasks, dimensions) -%}
    with tasks as (

        select * from {{ tasks }}

    ),

    costed as (

        -- one row per task and cost basis
        select
            tasks.*,
            bases.cost_basis,
            case bases.cost_basis
                when 'estimate' then tasks.estimate_usd
                else tasks.reported_usd
            end as cost_usd,
            case bases.cost_basis
                when 'estimate' then tasks.failed_attempts_estimate_usd
                else tasks.failed_attempts_reported_usd
            end as failed_attempts_usd,
            case bases.cost_basis when 'estimate' then tasks.unpriced_calls
                else tasks.unreported_calls end as uncosted_calls,
            case bases.cost_basis when 'estimate' then tasks.evaluation_estimate_usd
                else tasks.evaluation_reported_usd end as judging_usd,
            case bases.cost_basis when 'estimate' then tasks.unpriced_evaluation_calls
                else tasks.unreported_evaluation_calls end as uncosted_evaluations
        from tasks
        cross join (values ('estimate'), ('reported')) as bases (cost_basis)

    ),

    measured as (

        select
            {% for alias, expression in dimensions.items() -%}
            {{ expression }} as {{ alias }},
            {% endfor -%}
            cost_basis,
            {{ as_count("count(*)") }} as tasks_closed,
            {{ as_count("count(*) filter (where status = 'success')") }} as successes,
            {{ as_count("sum(calls)") }} as calls,
            {{ sum_usd("cost_usd") }} as cost_usd,
            {{ sum_usd("case when status = 'failure' then cost_usd else failed_attempts_usd end") }}
                as waste_usd,
            {{ as_count("sum(uncosted_calls)") }} as unpriced_calls,
            {{ as_count("sum(evaluation_calls)") }} as evaluation_calls,
            {{ sum_usd("judging_usd") }} as evaluation_usd,
            {{ as_count("sum(uncosted_evaluations)") }} as unpriced_evaluation_calls,
            {{ as_count("sum(model_calls)") }} as model_calls,
            {{ as_count("sum(small_model_calls)") }} as small_model_calls,
            {{ as_count("sum(mid_model_calls)") }} as mid_model_calls,
            {{ as_count("sum(large_model_calls)") }} as large_model_calls,
            {{ as_count("sum(cache_hits)") }} as cache_hits,
            {{ as_count("sum(cache_lookups)") }} as cache_lookups,
            {{ as_count("sum(billable_input_tokens)") }} as billable_input_tokens,
            {{ as_count("sum(billable_cache_read_tokens)") }} as billable_cache_read_tokens,
            avg(loop_depth) as avg_loop_depth,
            quantile_cont(loop_depth, 0.95) as p95_loop_depth
        from costed
        group by all

    )

    select
        {% for alias in dimensions -%}
        {{ alias }},
        {% endfor -%}
        cost_basis,
        tasks_closed,
        successes,
        {{ ratio("successes", "tasks_closed") }} as success_ratio,
        calls,
        cost_usd,
        {{ usd_per("cost_usd", "tasks_closed") }} as cost_per_task_usd,
        {{ usd_per("cost_usd", "successes") }} as cost_per_success_usd,
        waste_usd,
        {{ ratio("waste_usd", "cost_usd") }} as waste_ratio,
        unpriced_calls,
        evaluation_calls,
        evaluation_usd,
        unpriced_evaluation_calls,
        {{ ratio("small_model_calls", "model_calls") }} as small_model_ratio,
        {{ ratio("mid_model_calls", "model_calls") }} as mid_model_ratio,
        {{ ratio("large_model_calls", "model_calls") }} as large_model_ratio,
        {{ ratio("model_calls - small_model_calls - mid_model_calls - large_model_calls",
            "model_calls") }} as unknown_model_ratio,
        {{ ratio("cache_hits", "cache_lookups") }} as gateway_cache_hit_ratio,
        {{ ratio("billable_cache_read_tokens", "billable_input_tokens") }}
            as provider_cache_hit_ratio,
        cast(avg_loop_depth as double) as avg_loop_depth,
        cast(p95_loop_depth as double) as p95_loop_depth
    from measured
{%- endmacro %}
