{#- What no call explains of a cell, by its reason. -#}
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
            when line <> 'usage' then line
            when is_matched then 'not seen by the gateway'
            else 'no matching calls'
        end as line,
        charge_usd - explained_usd - unpriced_usd as charge_usd
    from cells
    where charge_usd - explained_usd <> unpriced_usd

    union all

    select utc_day, provider, model_id, 'calls without a price' as line, unpriced_usd
    from cells
    where unpriced_usd <> 0

)

select * from final
