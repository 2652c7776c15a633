{#-
    Cost per success on the bill, beside the estimate, and how both months fit together: the bill
    less what other months' tasks and nobody bear, and with what earlier bills charge.
-#}
with closed as (

    select * from {{ ref("fct_unit_cost_periods") }}
    where period_grain = 'month' and cost_basis = 'estimate'
        and dimension in ('all', 'task_type', 'feature', 'tenant')

),

cohorts as (

    {{ task_charges_by("closed_month", ["task_type", "feature", "tenant"]) }}

),

-- a bill is of a feature and a tenant, never of a kind of task
kept as (

    {{ task_charges_by("charge_month", ["feature", "tenant"]) }}

),

named as (

    select period_start as month, dimension, member from closed
    union
    select month, dimension, member from kept

),

final as (

    select
        named.month,
        named.dimension,
        named.member,
        {{ as_count("coalesce(closed.tasks_closed, 0)") }} as tasks_closed,
        {{ as_count("coalesce(closed.successes, 0)") }} as successes,
        closed.cost_usd as estimate_usd,
        closed.cost_per_success_usd as estimate_per_success_usd,
        cast(cohorts.charge_usd + cohorts.unbilled_usd as decimal(28, 12)) as cost_usd,
        cast(cohorts.unbilled_usd as decimal(28, 12)) as cost_unbilled_usd,
        {{ usd_per("cohorts.charge_usd + cohorts.unbilled_usd", "closed.successes") }}
            as cost_per_success_usd,
        cast(cohorts.other_months_usd as decimal(28, 12)) as other_bills_usd,
        cast(kept.charge_usd as decimal(28, 12)) as bill_usd,
        cast(kept.unbilled_usd as decimal(28, 12)) as unbilled_usd,
        cast(kept.other_months_usd as decimal(28, 12)) as other_months_usd,
        cast(kept.no_closed_task_usd as decimal(28, 12)) as no_closed_task_usd
    from named
    left join closed
        on named.month = closed.period_start
        and named.dimension = closed.dimension
        and named.member = closed.member
    left join cohorts
        on named.month = cohorts.month
        and named.dimension = cohorts.dimension
        and named.member = cohorts.member
    left join kept
        on named.month = kept.month
        and named.dimension = kept.dimension
        and named.member = kept.member

)

select * from final
