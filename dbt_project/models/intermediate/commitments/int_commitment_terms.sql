{#- How much was committed until when: by the workspace, else by the purchase lines of bills. -#}
{{ config(materialized="view") }}

with declared as (

    select
        commitment,
        valid_from,
        valid_to,
        -- a price by the month buys days, not a sum that is drawn down
        case when usd_per = 'term' then usd end as committed_usd
    from {{ ref("stg_commitments__terms") }}

),

bought as (

    select
        commitment,
        valid_from,
        max(bought_until) as valid_to,
        sum(purchased_usd) as committed_usd
    from {{ ref("fct_commitment_usage") }}
    where valid_from is null
    group by commitment, valid_from

),

final as (

    select * from declared
    union all
    select * from bought

)

select * from final
