{#- Every look at an experiment that is due, with what it concludes; DECISIONS.md, `Experiment`. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_experiments_to_judge() }}",
    )
}}

{%- set of_units = ["n", "s", "c", "e", "k", "x", "t", "unpriced_tasks"] %}
{%- set products = ["ss", "sn", "nn", "cc", "cs", "ee", "ek", "kk", "xx", "xt", "tt"] %}

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
        tasks.error_calls,
        tasks.calls,
        tasks.model_milliseconds,
        coalesce(looks.p95_limit, 1) as p95_limit,
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

{{ variant_unit_steps() }}

variants as (

    select
        experiment,
        candidate,
        look,
        is_candidate,
        {% for name in of_units -%}
        sum({{ name }}) as {{ name }},
        {% endfor -%}
        {% for pair in products -%}
        sum({{ pair[0] }} * {{ pair[1] }}) as {{ pair }},
        {% endfor -%}
        count(*) as m
    from units
    group by experiment, candidate, look, is_candidate

),

-- sums are exact until here, so that no order of the tasks shows in a digit
sides as (

    select
        looks.*,
        p95s.control_ms,
        p95s.candidate_ms,
        {% for side in [0, 1] -%}
        {% for name in ["m"] + of_units + products -%}
        {{ unrounded("coalesce(side_" ~ side ~ "." ~ name ~ ", 0)") }} as {{ name }}_{{ side }},
        {% endfor -%}
        {{ ratio("side_" ~ side ~ ".e", "side_" ~ side ~ ".k") }} as q_{{ side }},
        {{ ratio("side_" ~ side ~ ".x", "side_" ~ side ~ ".t") }} as r_{{ side }},
        {{ ratio("side_" ~ side ~ ".s", "side_" ~ side ~ ".n") }} as p_{{ side }}
        {{- "," if not loop.last }}
        {% endfor %}
    from looks
    left join p95s
        on looks.experiment = p95s.experiment
        and looks.candidate = p95s.candidate
        and looks.look = p95s.look
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
