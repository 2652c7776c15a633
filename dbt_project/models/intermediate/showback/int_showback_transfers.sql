{#- Settled cache transfers of a month: who read pays, who wrote gets; they sum to nothing. -#}

with transfers as (

    select * from {{ ref("fct_cache_transfers") }}
    where {{ in_showback_months(month_of("utc_day")) }}

),

sides as (

    select
        utc_day,
        provider,
        is_settled,
        from_feature as feature,
        from_tenant_id as tenant_id,
        from_team_tag as team_tag,
        transfer_usd as charge_usd
    from transfers
    union all
    select
        utc_day,
        provider,
        is_settled,
        to_feature as feature,
        to_tenant_id as tenant_id,
        to_team_tag as team_tag,
        -transfer_usd as charge_usd
    from transfers

),

final as (

    select
        {{ month_of("utc_day") }} as month,
        {{ cost_object_columns() }},
        provider,
        bool_and(is_settled) as is_settled,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd
    from {{ placed_in_org("sides") }} as placed
    group by all

)

select * from final
