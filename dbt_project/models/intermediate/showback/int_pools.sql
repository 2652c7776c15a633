{#- What a month's pools hold, each by the rule that claimed it. -#}

with direct as (

    select * from {{ ref("int_showback_direct") }} where allocation_rule is not null

),

rules as (

    select * from {{ ref("stg_workspace__allocation_rules") }}

),

final as (

    select
        direct.month,
        direct.provider,
        direct.line,
        direct.allocation_rule,
        rules.pool,
        rules.method,
        rules.basis,
        rules.shares,
        cast(sum(direct.charge_usd) as decimal(28, 12)) as charge_usd
    from direct
    inner join rules on direct.allocation_rule = rules.line
    group by all

)

select * from final
