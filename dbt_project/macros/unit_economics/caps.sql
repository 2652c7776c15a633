{#- Columns of the cap curve; in busy hours a cap is recommended where it is tighter. -#}
{% macro cap_curve_columns(judged) -%}
    select
        task_type,
        feature,
        hours,
        {{ as_count("cap") }} as cap,
        {{ as_count("tasks_ended_of_all") }} as tasks,
        {{ as_count("successes_ended_of_all") }} as successes,
        {{ as_count("tasks_ended_beyond") }} as tasks_cut,
        {{ ratio("calls_beyond", "calls_of_all") }} as calls_cut_ratio,
        cast(estimate_usd_beyond as decimal(28, 9)) as saved_usd,
        {{ ratio("estimate_usd_beyond", "estimate_usd_of_all") }} as saved_ratio,
        {{ as_count("successes_ended_beyond") }} as lost_successes,
        {{ ratio("successes_ended_beyond", "successes_ended_of_all") }} as lost_ratio,
        lost_low,
        lost_high,
        {{ as_count("unpriced_calls_beyond") }} as unpriced_calls,
        coalesce(cap = best_cap, false) and (
            hours = 'all'
            or cap < coalesce(
                max(best_cap) filter (where hours = 'all') over (partition by task_type, feature),
                cap + 1
            )
        ) as is_recommended
    from {{ judged }}
{%- endmacro %}
