{#-
    What a commitment could have covered and did not: lines of the same SKU (else model, else
    service), or calls of the same model, that were paid on demand on the same day.
-#}
{{ config(materialized="ephemeral") }}

with covered_lines as (

    select
        utc_day,
        commitment,
        valid_from,
        eligible_as,
        coalesce(
            sum(coalesce(list_usd, charge_usd)) filter (commitment_discount_id is null), 0
        ) as usd
    from {{ ref("int_commitment_lines") }}
    where charge_category = 'Usage'
    group by utc_day, commitment, valid_from, eligible_as

),

on_demand_lines as (

    select
        utc_day,
        {{ eligible_as() }} as eligible_as,
        sum(coalesce({{ in_usd("list_cost") }}, charge_usd)) as usd
    from {{ ref("fct_charges") }}
    where charge_category = 'Usage'
        and commitment_discount_id is null
        and {{ in_commitment_days() }}
    group by utc_day, eligible_as

),

covered_calls as (

    select * from {{ ref("int_commitment_calls") }}

),

all_calls as (

    select utc_day, provider, model_id, sum(estimate_usd) as usd
    from {{ ref("fct_usage_daily") }}
    where {{ in_commitment_days() }}
    group by utc_day, provider, model_id

),

rests as (

    select
        own.utc_day,
        own.commitment,
        own.valid_from,
        on_demand_lines.usd - own.usd as usd
    from covered_lines as own
    inner join on_demand_lines
        on own.utc_day = on_demand_lines.utc_day and own.eligible_as = on_demand_lines.eligible_as
    union all
    select
        own.utc_day,
        own.commitment,
        own.valid_from,
        all_calls.usd - own.on_demand_usd as usd
    from covered_calls as own
    inner join all_calls
        on own.utc_day = all_calls.utc_day
        and own.provider = all_calls.provider
        and own.model_id = all_calls.model_id

),

final as (

    select utc_day, commitment, valid_from, sum(usd) as uncovered_usd
    from rests
    group by utc_day, commitment, valid_from

)

select * from final
