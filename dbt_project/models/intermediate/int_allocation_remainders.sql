{{ config(materialized="ephemeral") }}

with cells as (

    select * from {{ ref("int_allocation_cells") }} where charge_usd <> explained_usd

),

final as (

    select
        utc_day,
        provider,
        model_id,
        case
            when not is_usage then line
            when coalesce(estimate_usd, 0) <= 0 then 'no matching calls'
            else 'not seen by the gateway'
        end as line,
        charge_usd - explained_usd as charge_usd
    from cells

)

select * from final
