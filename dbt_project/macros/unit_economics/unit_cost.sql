{#-
    The measures of a cohort of closed tasks, on one cost basis: one definition for every grain.
    `dimensions` are columns of `fct_tasks` expressions given as {alias: expression}; `parts` shows
    what the waste is made of too.
-#}
{% macro unit_cost_select(tasks, dimensions, parts=false) -%}
    with tasks as (

        select * from {{ tasks }}

    ),

    costed as (

        {{ on_both_cost_bases("tasks") }}

    ),

    divided as (

        select
            costed.*
            {%- for part in waste_parts() if parts %},
            {{ waste_of_task(part) }} as {{ part }}_usd
            {%- endfor %}
        from costed

    ),

    measured as (

        select
            {% for alias, expression in dimensions.items() -%}
            {{ expression }} as {{ alias }},
            {% endfor -%}
            cost_basis,
            {{ as_count("count(*) filter (where status <> 'reversal')") }} as tasks_closed,
            {{ as_count("count(*) filter (where status = 'success')") }} as successes,
            {{ as_count("count(*) filter (where status = 'success' and taken_back_at is null)") }}
                as first_pass_successes,
            {{ as_count("count(*) filter (where status = 'reversal')") }} as reversals,
            {{ as_count("coalesce(sum(calls), 0)") }} as calls,
            {{ sum_usd("cost_usd") }} as cost_usd,
            {{ sum_usd("human_usd") }} as human_usd,
            {{ sum_usd("value_usd") }} as value_usd,
            {{ above_cost("value_usd") }} as task_margin_usd,
            {{ above_cost("baseline_usd") }} as baseline_saving_usd,
            {{ sum_usd("case when status = 'success' then failed_attempts_usd"
                ~ " + coalesce(duplicate_attempts_usd, 0) + coalesce(superseded_attempts_usd, 0)"
                ~ " else cost_usd end") }} as waste_usd,
            {{ as_count("count(*) filter (where status = 'neutral')") }} as judged_neutral_tasks,
            {% for part in waste_parts() if parts -%}
            {%- if part != "judged_neutral" %}
            {{ as_count(count_of_waste(part)) }} as {{ part }}_tasks,
            {%- endif %}
            case when {{ count_of_waste(part) }} = 0 then 0 else {{ sum_usd(part ~ "_usd") }} end
                as {{ part }}_usd,
            {% endfor -%}
            {{ as_count("coalesce(sum(uncosted_calls), 0)") }} as unpriced_calls,
            {{ as_count("coalesce(sum(evaluation_calls), 0)") }} as evaluation_calls,
            {{ sum_usd("judging_usd") }} as evaluation_usd,
            {{ as_count("coalesce(sum(uncosted_evaluations), 0)") }} as unpriced_evaluation_calls,
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
        from divided
        group by all

    )

    select
        {% for alias in dimensions -%}
        {{ alias }},
        {% endfor -%}
        cost_basis,
        tasks_closed,
        successes,
        judged_neutral_tasks,
        {{ ratio("successes", "tasks_closed - judged_neutral_tasks") }} as success_ratio,
        {{ ratio("first_pass_successes", "tasks_closed - judged_neutral_tasks") }}
            as first_pass_ratio,
        reversals,
        calls,
        cost_usd,
        {{ usd_per("cost_usd", "tasks_closed") }} as cost_per_task_usd,
        {{ usd_per("cost_usd", "successes") }} as cost_per_success_usd,
        human_usd,
        {{ usd_per("human_usd", "successes") }} as human_per_success_usd,
        value_usd,
        task_margin_usd,
        baseline_saving_usd,
        waste_usd,
        {{ ratio("waste_usd", "cost_usd") }} as waste_ratio,
        {% for part in waste_parts() if parts -%}
        {{ part }}_usd,
        {{ part ~ "_tasks," if part != "judged_neutral" }}
        {% endfor -%}
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
