{#- What a member is charged beside its cost: its internal price, less the cost. -#}

with prices as (

    select * from {{ ref("stg_workspace__internal_prices") }}

),

costs as (

    select month, kind, member, sum(amount_usd) as cost_usd
    from {{ ref("int_statement_costs") }}
    where member is not null
    group by month, kind, member

),

units as (

    select * from {{ ref("fct_member_monthly") }} where row_kind = 'member'

),

priced as (

    -- a member's own row goes before that of every member
    select
        costs.*,
        coalesce(own.unit, every_member.unit) as unit,
        case when own.unit is null then every_member.value else own.value end as value
    from costs
    left join prices as own
        on costs.kind = own.kind
        and costs.member = own.name
        and costs.month >= own.valid_from
        and costs.month < own.valid_to
    left join prices as every_member
        on costs.kind = every_member.kind
        and every_member.name = '*'
        and costs.month >= every_member.valid_from
        and costs.month < every_member.valid_to

),

differences as (

    select
        priced.month,
        priced.kind,
        priced.member,
        case priced.unit
            when 'percent' then priced.cost_usd * priced.value * cast(0.01 as decimal(2, 2))
            when 'call' then coalesce(units.calls, 0) * priced.value - priced.cost_usd
            when 'million_tokens'
                then coalesce(units.tokens, 0) * priced.value * cast(0.000001 as decimal(6, 6))
                    - priced.cost_usd
            else coalesce(units.successes, 0) * priced.value - priced.cost_usd
        end as difference_usd
    from priced
    left join units
        on priced.month = units.month
        and priced.kind = units.kind
        and priced.member = units.member
    where priced.unit is not null

),

final as (

    select
        month,
        kind,
        member,
        cast(round(difference_usd, 2) as decimal(18, 2)) as amount_usd
    from differences

)

select * from final
