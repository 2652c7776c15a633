{#- What the bill of a month charges closed tasks, and what of it no closed task bears: whole each
    run, for a bill that comes later moves its month; once, for several reports read it. -#}
{{ config(materialized="table") }}

with billed_until as (

    select provider, max(utc_day) as last_billed_day
    from {{ ref("fct_charges_daily") }}
    group by provider

),

parts as (

    select month as charge_month, feature, tenant_id, charge_usd
    from {{ ref("fct_showback") }}
    union all by name
    select
        {{ month_of("usage.utc_day") }} as charge_month,
        usage.feature,
        usage.tenant_id,
        usage.estimate_usd,
        case when usage.utc_day <= billed_until.last_billed_day
                or {{ sends_no_bill("usage.provider") }} then 0
            else usage.estimate_usd end as unbilled_usd
    from {{ ref("fct_usage_daily") }} as usage
    left join billed_until on usage.provider = billed_until.provider

),

cells as (

    select
        charge_month,
        coalesce(feature, 'unattributed') as feature,
        coalesce(tenant_id, 'unattributed') as tenant_id,
        {% for column in ["charge_usd", "estimate_usd", "unbilled_usd"] -%}
        coalesce(sum({{ column }}), 0) as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from parts
    group by all

),

-- a task has one feature and one tenant, its calls may have others: never more than all of a cell
closed as (

    select
        charge_month,
        {{ month_of("closed_date") }} as closed_month,
        task_type,
        feature,
        tenant_id,
        coalesce(team, 'unattributed') as team,
        coalesce(cost_centre, 'unattributed') as cost_centre,
        sum(estimate_usd) as estimate_usd,
        sum(sum(estimate_usd)) over (partition by charge_month, feature, tenant_id) as all_usd
    from {{ placed_in_org(ref("fct_task_costs_daily"), "closed_date") }} as placed
    where cost_kind <> 'task'
    group by charge_month, closed_month, task_type, feature, tenant_id, team, cost_centre

),

borne as (

    select
        closed.* exclude (all_usd),
        {% for column in ["charge_usd", "unbilled_usd"] -%}
        coalesce({{ proportion(
            "cells." ~ column, "closed.estimate_usd * 1000000000",
            "greatest(cells.estimate_usd, closed.all_usd) * 1000000000"
        ) }}, 0) as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    from closed
    inner join cells
        on closed.charge_month = cells.charge_month
        and closed.feature = cells.feature
        and closed.tenant_id = cells.tenant_id

),

rest as (

    select
        {% for column in ["estimate_usd", "charge_usd", "unbilled_usd"] -%}
        any_value(cells.{{ column }}) - coalesce(sum(borne.{{ column }}), 0) as {{ column }},
        {% endfor -%}
        cells.charge_month,
        cells.feature,
        cells.tenant_id
    from cells
    left join borne
        on cells.charge_month = borne.charge_month
        and cells.feature = borne.feature
        and cells.tenant_id = borne.tenant_id
    group by all

),

final as (

    select * from borne
    union all by name
    select * from rest

)

select
    charge_month,
    closed_month,
    task_type,
    feature,
    tenant_id,
    team,
    cost_centre,
    cast(estimate_usd as decimal(28, 9)) as estimate_usd,
    cast(charge_usd as decimal(28, 12)) as charge_usd,
    cast(unbilled_usd as decimal(28, 12)) as unbilled_usd
from final
