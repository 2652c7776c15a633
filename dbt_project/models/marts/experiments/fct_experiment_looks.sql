{#- Every look at an experiment that is due, with what it concludes; DECISIONS.md, `Experiment`. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_experiments_to_judge() }}",
    )
}}

{%- set sums = ["m", "n", "s", "c", "ss", "sn", "nn", "cc", "cs", "unpriced_tasks"] %}

-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with looks as (

    select * from ({{ due_looks() }}) as due where {{ is_experiment_to_judge() }}

),

tasks as (

    select
        looks.experiment,
        looks.candidate,
        looks.look,
        tasks.variant = looks.candidate as is_candidate,
        case looks.unit when 'tenant' then coalesce(tasks.tenant_id, tasks.task_id)
            else tasks.task_id end as unit_id,
        cast(tasks.status <> 'neutral' as integer) as judged,
        cast(tasks.status = 'success' as integer) as successes,
        tasks.estimate_usd,
        cast(tasks.unpriced_calls > 0 as integer) as unpriced
    from looks
    inner join {{ ref("fct_tasks") }} as tasks
        on looks.experiment = tasks.experiment
        and tasks.variant in (looks.control, looks.candidate)
        and looks.valid_from <= tasks.started_at
        and looks.valid_to > tasks.started_at
        and looks.look_at > tasks.closed_at

),

units as (

    select
        experiment,
        candidate,
        look,
        is_candidate,
        sum(judged) as n,
        sum(successes) as s,
        {{ sum_usd("estimate_usd") }} as c,
        sum(unpriced) as unpriced_tasks
    from tasks
    group by experiment, candidate, look, is_candidate, unit_id

),

variants as (

    select
        experiment,
        candidate,
        look,
        is_candidate,
        count(*) as m,
        sum(n) as n,
        sum(s) as s,
        sum(c) as c,
        sum(s * s) as ss,
        sum(s * n) as sn,
        sum(n * n) as nn,
        sum(c * c) as cc,
        sum(c * s) as cs,
        sum(unpriced_tasks) as unpriced_tasks
    from units
    group by experiment, candidate, look, is_candidate

),

-- sums are exact until here, so that no order of the tasks shows in a digit
sides as (

    select
        looks.*,
        {% for side in [0, 1] -%}
        {% for name in sums -%}
        {{ unrounded("coalesce(side_" ~ side ~ "." ~ name ~ ", 0)") }} as {{ name }}_{{ side }},
        {% endfor -%}
        {{ ratio("side_" ~ side ~ ".s", "side_" ~ side ~ ".n") }} as p_{{ side }}
        {{- "," if not loop.last }}
        {% endfor %}
    from looks
    {% for side in [0, 1] -%}
    left join variants as side_{{ side }}
        on looks.experiment = side_{{ side }}.experiment
        and looks.candidate = side_{{ side }}.candidate
        and looks.look = side_{{ side }}.look
        and side_{{ side }}.is_candidate = {{ "true" if side else "false" }}
    {% endfor %}

),

final as (

    {{ concluded("sides") }}

)

select * from final
