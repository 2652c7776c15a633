{#-
    The explained charge of a cell, spread over its features, tenants and team tags by their
    estimate of the cell's own token class; by all of it where calls have none of that class.
-#}
{{ config(materialized="ephemeral") }}

with cells as (

    select
        *,
        case when estimate_usd > 0 then token_class end as spread_by
    from {{ ref("int_allocation_cells") }}
    where explained_usd <> 0

),

usage as (

    select * from {{ ref("fct_usage_daily") }}
    where {{ in_allocated_days() }} and estimate_usd > 0

),

weighted as (

    select
        cells.utc_day,
        cells.provider,
        cells.model_id,
        cells.account,
        cells.token_class,
        cells.explained_usd as amount_usd,
        usage.feature,
        usage.tenant_id,
        usage.team_tag,
        sum({{ class_usd("cells.spread_by", "usage") }}) as weight_usd
    from cells
    inner join usage
        on cells.utc_day = usage.utc_day
        and cells.provider is not distinct from usage.provider
        and cells.model_id = usage.model_id
        and (cells.account is null
            or cells.account = coalesce(usage.sub_account_id, 'default'))
    group by all

),

parts as (

    select * exclude (weight_usd), cast(weight_usd * 1000000000 as hugeint) as weight
    from weighted
    where weight_usd > 0

),

final as (

    select utc_day, provider, model_id, 'usage' as line, feature, tenant_id, team_tag,
        share_usd as charge_usd
    from {{ largest_remainder(
        "parts", ["utc_day", "provider", "model_id", "account", "token_class"],
        ["feature", "tenant_id", "team_tag"]
    ) }} as shares

)

select * from final
