{%- set dimensions = member_kinds() -%}

with showback as (

    select * from {{ ref("fct_chargeback") }}

),

outcomes as (

    select
        period_start as month,
        dimension,
        -- the dimension names the total: a tenant may be called `all`
        case when dimension = 'all' then 'total' when member = 'unattributed' then 'unallocated'
            else 'member' end as row_kind,
        case when dimension = 'all' then 'total' when member = 'unattributed' then 'unallocated'
            else member end as member,
        tasks_closed,
        successes,
        cost_per_success_usd
    from {{ ref("fct_unit_cost_periods") }}
    where period_grain = 'month' and cost_basis = 'estimate'

),

charges as (

    {% for dimension, column in dimensions.items() -%}
    select month, '{{ dimension }}' as dimension, {{ column }} as member, charge_usd
    from showback
    {{ "union all" if not loop.last }}
    {% endfor %}
),

by_member as (

    select
        month,
        dimension,
        case when member is null then 'unallocated' else 'member' end as row_kind,
        coalesce(member, 'unallocated') as member,
        sum(charge_usd) as charge_usd
    from charges
    group by all

    union all

    select month, dimension, 'total' as row_kind, 'total' as member, sum(charge_usd) as charge_usd
    from charges
    group by all

),

compared as (

    select
        now.*,
        before.charge_usd as previous_month_usd,
        total.charge_usd as total_usd,
        outcomes.tasks_closed,
        outcomes.successes,
        outcomes.cost_per_success_usd
    from by_member as now
    left join by_member as before
        on now.dimension = before.dimension
        and now.row_kind = before.row_kind
        and now.member = before.member
        and now.month = before.month + interval 1 month
    left join by_member as total
        on now.dimension = total.dimension
        and now.month = total.month
        and total.row_kind = 'total'
    left join outcomes
        on now.month = outcomes.month
        and outcomes.dimension in (now.dimension, 'all')
        and now.row_kind = outcomes.row_kind
        and now.member = outcomes.member

),

final as (

    select
        month,
        dimension,
        row_kind,
        member,
        cast(charge_usd as decimal(28, 12)) as charge_usd,
        {{ ratio("charge_usd", "total_usd") }} as share_ratio,
        cast(previous_month_usd as decimal(28, 12)) as previous_month_usd,
        cast(charge_usd - previous_month_usd as decimal(28, 12)) as change_usd,
        {{ ratio("charge_usd - previous_month_usd", "previous_month_usd") }} as change_ratio,
        tasks_closed,
        successes,
        cost_per_success_usd
    from compared

)

select * from final
