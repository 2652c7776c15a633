{#- What a cap on the steps of a task would have saved and lost, over the newest days. -#}

with steps as (

    select * from {{ ref("fct_task_steps_daily") }}

),

newest as (

    select max(closed_date) as newest_date from steps

),

recent as (

    select steps.*
    from steps
    cross join newest
    where steps.closed_date > newest.newest_date - {{ var("cap_curve_days") }}

),

by_step as (

    select
        task_type,
        feature,
        step as cap,
        sum(tasks_ended) as tasks_ended,
        sum(successes_ended) as successes_ended,
        sum(estimate_usd) as estimate_usd,
        sum(unpriced_calls) as unpriced_calls
    from recent
    group by all

),

-- beyond a cap is what deeper steps hold
beyond as (

    select
        *,
        {% for column in ["tasks_ended", "successes_ended", "estimate_usd", "unpriced_calls"] -%}
        sum({{ column }}) over (
            partition by task_type, feature
            order by cap
            rows between 1 following and unbounded following
        ) as {{ column }}_beyond,
        sum({{ column }}) over (partition by task_type, feature) as {{ column }}_of_all
        {{- "," if not loop.last }}
        {% endfor %}
    from by_step

),

bounded as (

    select
        *,
        {% for side in ["low", "high"] -%}
        {{ wilson_count("successes_ended_beyond", "tasks_ended_beyond", side) }} as lost_{{ side }}
        {{- "," if not loop.last }}
        {% endfor %}
    from beyond
    where cap > 0 and tasks_ended_beyond > 0

),

final as (

    select
        task_type,
        feature,
        {{ as_count("cap") }} as cap,
        {{ as_count("tasks_ended_of_all") }} as tasks,
        {{ as_count("successes_ended_of_all") }} as successes,
        {{ as_count("tasks_ended_beyond") }} as tasks_cut,
        cast(estimate_usd_beyond as decimal(28, 9)) as saved_usd,
        {{ ratio("estimate_usd_beyond", "estimate_usd_of_all") }} as saved_ratio,
        {{ as_count("successes_ended_beyond") }} as lost_successes,
        {{ ratio("successes_ended_beyond", "successes_ended_of_all") }} as lost_ratio,
        lost_low,
        lost_high,
        {{ as_count("unpriced_calls_beyond") }} as unpriced_calls,
        -- the lowest cap that, even at the upper bound, costs next to no success and saves more
        -- than these successes cost elsewhere
        coalesce(cap = min(cap) filter (
            where lost_high <= successes_ended_of_all * {{ var("cap_largest_loss") }}
                and {{ ratio("estimate_usd_beyond", "lost_high") }}
                > {{ ratio("estimate_usd_of_all", "successes_ended_of_all") }}
        ) over (partition by task_type, feature), false) as is_recommended
    from bounded

)

select * from final
