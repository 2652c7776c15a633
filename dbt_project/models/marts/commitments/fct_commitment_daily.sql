{#-
    Cash, consumption, use and idle cost of commitments by day. Rebuilt from `fct_commitment_usage`,
    which grows with days and commitments. Definitions: DECISIONS.md, `idle_usd`.
-#}
{{ config(materialized="table") }}

{%- set spread_columns =
    ["effective_usd", "used_usd", "unused_usd", "drawn_usd", "on_demand_usd"] %}

with days as (

    select * from {{ ref("int_commitment_days") }}

),

spread as (

    select * from {{ ref("int_commitment_spread") }}

),

joined as (

    select
        days.utc_day,
        days.commitment,
        days.valid_from,
        days.valid_to,
        coalesce(days.kind, 'stated') as kind,
        days.usd as committed_usd,
        days.is_seen,
        days.is_complete,
        -- an even share of a term, or of a month, falls due every day
        case
            when days.usd_per = 'month' then {{ even_share(
                "days.usd", "day(days.utc_day) - 1", "day(last_day(days.utc_day))"
            ) }}
            when days.usd is not null then {{ even_share(
                "days.usd", "(days.utc_day - days.valid_from)", "days.valid_to - days.valid_from"
            ) }}
            when spread.utc_day is null then 0
            else spread.used_usd + spread.unused_usd
        end as bought_usd,
        case days.unit when 'tokens_per_minute' then days.capacity * 1440
            when 'ptu' then days.capacity * 24 end as capacity,
        case days.unit when 'tokens_per_minute' then coalesce(spread.tokens, 0)
            when 'ptu' then coalesce(spread.used_quantity, 0) end as used_quantity,
        {% for column in spread_columns -%}
        case when spread.utc_day is null then 0 else spread.{{ column }} end as {{ column }},
        {% endfor -%}
        spread.provider,
        spread.billed_usd,
        spread.uncovered_usd,
        spread.tokens
    from days
    left join spread
        on days.commitment = spread.commitment
        and days.valid_from is not distinct from spread.valid_from
        and days.utc_day = spread.utc_day

),

measured as (

    select
        * replace (
            case kind
                when 'provisioned' then case when is_seen then {{ proportion(
                    "bought_usd", "cast(least(used_quantity, capacity) * 1000 as hugeint)",
                    "cast(capacity * 1000 as hugeint)"
                ) }} end
                when 'stated' then used_usd
                else drawn_usd
            end as used_usd,
            case kind when 'provisioned' then bought_usd else drawn_usd end as drawn_usd
        )
    from joined

),

final as (

    select
        utc_day,
        commitment,
        valid_from,
        kind,
        provider,
        is_complete,
        cast(billed_usd as decimal(28, 12)) as billed_usd,
        cast(case kind when 'provisioned' then bought_usd else effective_usd end
            as decimal(28, 12)) as effective_usd,
        cast(bought_usd as decimal(28, 12)) as bought_usd,
        cast(used_usd as decimal(28, 12)) as used_usd,
        cast(case
            when kind = 'provisioned' then bought_usd - used_usd
            -- a bill that does not say what was used (cash alone) does not say what was not
            when kind = 'stated' and used_usd is not null then unused_usd
            when kind = 'stated' then null
            -- what was promised and not spent is lost when the term ends, not before
            when kind = 'spend' and utc_day = valid_to - 1
                then greatest(committed_usd - sum(drawn_usd) over term, 0)
            else 0
        end as decimal(28, 12)) as idle_usd,
        cast(drawn_usd as decimal(28, 12)) as drawn_usd,
        cast(sum(drawn_usd) over to_date as decimal(28, 12)) as drawn_to_date_usd,
        cast(on_demand_usd as decimal(28, 12)) as on_demand_usd,
        cast(uncovered_usd as decimal(28, 12)) as uncovered_usd,
        {{ as_count("tokens") }} as tokens
    from measured
    window
        term as (partition by commitment, valid_from),
        to_date as (partition by commitment, valid_from order by utc_day)

)

select * from final
