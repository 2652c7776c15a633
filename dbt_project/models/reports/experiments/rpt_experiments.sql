{{ config(materialized="view") }}

with experiments as (

    select * from {{ ref("dim_experiments") }}

),

looks as (

    select * from {{ ref("fct_experiment_looks") }}

),

-- the first look that decides; until then the newest
shown as (

    select *
    from looks
    qualify row_number() over (
        partition by experiment, candidate
        order by decision is null, case when decision is null then -look else look end
    ) = 1

),

-- variants in which tasks still begin
traffic as (

    select experiment, variant, max(started_at) as newest_task_at
    from {{ ref("fct_tasks") }}
    where experiment is not null
        and first_call_day >= (
            select max(as_of_day) - {{ lingering_days() }} from {{ ref("dim_experiments") }}
        )
    group by experiment, variant

),

final as (

    select
        experiments.experiment,
        experiments.candidate,
        experiments.control,
        experiments.hypothesis,
        experiments.unit,
        experiments.owner,
        experiments.valid_from as started_at,
        experiments.valid_to as deadline,
        case
            when shown.decision = 'ship' then 'shipped'
            when shown.decision = 'roll_back' then 'rolled_back'
            when experiments.valid_from >= experiments.as_of_day + interval 1 day then 'planned'
            else 'running'
        end as state,
        shown.reason,
        case when shown.decision is not null then shown.look_at end as decided_at,
        -- a decision that nobody carried out
        case
            when shown.look_at + interval {{ lingering_days() }} day
                >= candidate_traffic.newest_task_at then null
            when shown.decision = 'roll_back' and candidate_traffic.newest_task_at is not null
                then 'still_on'
            when shown.decision = 'ship' and control_traffic.newest_task_at is not null
                then 'lingers'
        end as alarm,
        candidate_traffic.newest_task_at,
        shown.look,
        experiments.looks,
        shown.control_tasks,
        shown.candidate_tasks,
        experiments.planned_tasks,
        {{ tasks_to_prove("shown.control_success_ratio", "experiments.success_margin") }}
            as required_tasks,
        shown.control_success_ratio,
        shown.candidate_success_ratio,
        shown.success_difference_ratio,
        shown.success_low_ratio,
        shown.success_high_ratio,
        experiments.success_margin,
        shown.control_cost_per_success_usd,
        shown.candidate_cost_per_success_usd,
        shown.cost_ratio,
        shown.cost_low_ratio,
        shown.cost_high_ratio,
        experiments.cost_goal,
        experiments.cost_limit,
        shown.candidate_usd,
        experiments.cost_cap_usd,
        shown.control_error_ratio,
        shown.candidate_error_ratio,
        shown.error_low_ratio,
        shown.error_high_ratio,
        shown.control_p95_seconds,
        shown.candidate_p95_seconds,
        experiments.error_margin,
        experiments.p95_limit,
        shown.unpriced_tasks,
        experiments.registration,
        experiments.source
    from experiments
    left join shown
        on experiments.experiment = shown.experiment
        and experiments.candidate = shown.candidate
    left join traffic as candidate_traffic
        on experiments.experiment = candidate_traffic.experiment
        and experiments.candidate = candidate_traffic.variant
    left join traffic as control_traffic
        on experiments.experiment = control_traffic.experiment
        and experiments.control = control_traffic.variant

)

select * from final
