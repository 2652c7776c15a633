{#-
    Steps `p95s` and `units` of `fct_experiment_looks`, from its step `tasks`: how long models took
    for a task of either variant, and what each unit (who is given a variant at random) came to:
    judged n, successes s, cost c, failed calls e of k, slow tasks x of t.
-#}
{% macro variant_unit_steps() -%}
p95s as (

    select
        experiment, candidate, look,
        quantile_disc(model_milliseconds, 0.95) filter (where not is_candidate) as control_ms,
        quantile_disc(model_milliseconds, 0.95) filter (where is_candidate) as candidate_ms
    from tasks
    group by experiment, candidate, look

),

units as (

    select
        tasks.experiment,
        tasks.candidate,
        tasks.look,
        tasks.is_candidate,
        sum(tasks.judged) as n,
        sum(tasks.successes) as s,
        {{ sum_usd("tasks.estimate_usd") }} as c,
        sum(tasks.error_calls) as e,
        sum(tasks.calls) as k,
        -- slower than the control's p95, of the candidate as many times as it may be
        count(*) filter (where tasks.model_milliseconds
            > p95s.control_ms * case when tasks.is_candidate then tasks.p95_limit else 1 end) as x,
        count(tasks.model_milliseconds) as t,
        sum(tasks.unpriced) as unpriced_tasks
    from tasks
    inner join p95s
        on tasks.experiment = p95s.experiment
        and tasks.candidate = p95s.candidate
        and tasks.look = p95s.look
    group by
        tasks.experiment, tasks.candidate, tasks.look, tasks.is_candidate, tasks.unit_id

),
{%- endmacro %}
