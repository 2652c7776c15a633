{#- What a cap on the steps of a task would have saved and lost, always or in busy hours alone. -#}

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

peaks as (

    select feature, started_hour
    from recent
    where started_hour is not null
    group by feature, started_hour
    qualify row_number() over (
        partition by feature order by sum(tasks_ended) desc, started_hour
    ) <= {{ var("cap_peak_hours") }}

),

-- what the cap holds for, and, of all, what it is measured by
by_step as (

    select
        recent.task_type,
        recent.feature,
        hours.hours,
        recent.step as cap,
        {% for column in [
            "tasks_ended", "successes_ended", "calls", "estimate_usd", "unpriced_calls",
        ] -%}
        sum({{ column }}) as {{ column }}_of_step,
        coalesce(sum({{ column }}) filter (
            where hours.hours = 'all' or peaks.feature is not null
        ), 0) as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from recent
    left join peaks on recent.feature = peaks.feature
        and recent.started_hour = peaks.started_hour
    cross join (values ('all'), ('peak')) as hours (hours)
    group by recent.task_type, recent.feature, hours.hours, recent.step

),

-- beyond a cap is what deeper steps hold
beyond as (

    select
        *,
        {% for column in [
            "tasks_ended", "successes_ended", "calls", "estimate_usd", "unpriced_calls",
        ] -%}
        sum({{ column }}) over deeper as {{ column }}_beyond,
        sum({{ column }}_of_step) over whole as {{ column }}_of_all
        {{- "," if not loop.last }}
        {% endfor %}
    from by_step
    window
        whole as (partition by task_type, feature, hours),
        deeper as (
            partition by task_type, feature, hours order by cap
            rows between 1 following and unbounded following
        )

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

-- the lowest cap that, even at the upper bound, costs next to no success and saves more than these
-- successes cost elsewhere
judged as (

    select
        *,
        min(cap) filter (
            where lost_high <= successes_ended_of_all * {{ var("cap_largest_loss") }}
                and {{ ratio("estimate_usd_beyond", "lost_high") }}
                > {{ ratio("estimate_usd_of_all", "successes_ended_of_all") }}
        ) over (partition by task_type, feature, hours) as best_cap
    from bounded

),

final as (

    {{ cap_curve_columns("judged") }}

)

select * from final
