{#- Every billed dollar, given to the feature and tenant whose calls caused it, or kept apart. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(allocation_inputs(), around=2) }}",
    )
}}

with shares as (

    select * from {{ ref("int_allocation_shares") }}

),

remainders as (

    select * from {{ ref("int_allocation_remainders") }}

),

pooled as (

    select * from {{ ref("int_allocation_pooled") }}

),

final as (

    select * from shares
    union all by name
    select * from remainders
    union all by name
    select * from pooled

)

select
    utc_day,
    {{ month_of("utc_day") }} as charge_month,
    provider,
    model_id,
    line,
    feature,
    tenant_id,
    team_tag,
    allocation_rule,
    allocation_pool,
    -- the cells of a model's day are finer than what is given to somebody
    cast(sum(charge_usd) as decimal(28, 12)) as charge_usd
from final
group by all
