{{ config(materialized="table") }}

with experiments as (

    select * from {{ ref("stg_workspace__experiments") }}

),

run as (

    select * from {{ ref("stg_lake__run_context") }}

),

final as (

    select
        experiments.experiment,
        experiments.candidate,
        experiments.control,
        experiments.hypothesis,
        experiments.unit,
        experiments.success_margin,
        experiments.cost_goal,
        experiments.cost_limit,
        experiments.cost_cap_usd,
        experiments.error_margin,
        experiments.p95_limit,
        experiments.planned_tasks,
        experiments.looks,
        experiments.owner,
        experiments.valid_from,
        experiments.valid_to,
        experiments.registration,
        experiments.source,
        run.as_of_day
    from experiments
    cross join run

)

select * from final
