{#-
    Tools and outside APIs by whose work called them: what their calls cost by price, and what of an
    invoice their calls were given. Rule: DECISIONS.md, `charge_per_call_usd`.
-#}
{{ config(materialized="view") }}

with used as (

    select
        {{ month_of("utc_day") }} as month,
        tool_name,
        coalesce(feature, 'unattributed') as feature,
        sum(calls) as calls,
        sum(answered_calls) as answered_calls,
        sum(estimate_usd) as estimate_usd
    from {{ ref("fct_tool_usage_daily") }}
    group by all

),

charged as (

    select
        month,
        tool_name,
        coalesce(feature, 'unattributed') as feature,
        sum(charge_usd) as charge_usd
    from {{ ref("fct_showback") }}
    where tool_name is not null
    group by all

),

joined as (

    select
        coalesce(used.month, charged.month) as month,
        coalesce(used.tool_name, charged.tool_name) as tool_name,
        coalesce(used.feature, charged.feature) as feature,
        coalesce(used.calls, 0) as calls,
        coalesce(used.answered_calls, 0) as answered_calls,
        used.estimate_usd,
        charged.charge_usd
    from used
    full join charged
        on used.month = charged.month
        and used.tool_name = charged.tool_name
        and used.feature = charged.feature

),

final as (

    select
        joined.month,
        joined.tool_name,
        joined.feature,
        {{ as_count("joined.calls") }} as calls,
        {{ as_count("joined.answered_calls") }} as answered_calls,
        cast(joined.estimate_usd as decimal(28, 9)) as estimate_usd,
        {{ usd_per("joined.estimate_usd", "joined.answered_calls") }} as estimate_per_call_usd,
        cast(joined.charge_usd as decimal(28, 12)) as charge_usd,
        {{ usd_per("joined.charge_usd", "joined.answered_calls") }} as charge_per_call_usd,
        {{ ratio("coalesce(joined.charge_usd, joined.estimate_usd)",
            "sum(coalesce(joined.charge_usd, joined.estimate_usd)) over (partition by joined.month)"
        ) }} as share,
        {{ owner_name() }} as owner
    from joined
    {{ join_owners("'tool_calls'", "joined.feature") }}

)

select * from final
