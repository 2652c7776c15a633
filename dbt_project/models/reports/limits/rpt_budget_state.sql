{#- Where each limit stands, in numbers and in words, and what the gateway had better do. -#}
{{ config(materialized="view") }}

with limits as (

    select * from {{ ref("fct_budget_state") }}

),

judged as (

    select
        *,
        case
            when used_quantity >= limit_quantity then 'over'
            when used_quantity is null
                or {{ ratio("uncounted_calls", "calls") }} > {{ var("limit_unpriced_ratio") }}
                then 'unknown'
            when projected_quantity >= limit_quantity then 'projected_over'
            when warn_mark is not null then 'warn'
            else 'ok'
        end as state,
        -- a soft limit only warns, whatever burns
        case
            when rule is null then 'none'
            when kind = 'hard' then 'block'
            else 'warn'
        end as recommendation
    from limits

),

final as (

    select
        judged.scope,
        judged.member,
        judged.limit_usd,
        judged.spent_usd,
        judged.remaining_usd,
        judged.projected_usd,
        judged.projected_low_usd,
        judged.projected_high_usd,
        judged.exhausted_on,
        judged.state,
        {{ reason_words("judged", "judged.state") }} as reason,
        judged.owner,
        judged.period,
        judged.kind,
        judged.period_start,
        judged.period_end,
        judged.as_of,
        judged.expected_usd,
        judged.pace_ratio,
        judged.interval_basis,
        judged.exhausted_at_burn,
        judged.recommendation,
        judged.rule,
        case judged.rule
            when 'cap' then concat(
                case when judged.unit = 'usd' then 'Spent ' else 'Used ' end,
                {{ amount_words("judged", "used_quantity") }}, ' of ',
                {{ amount_words("judged", "limit_quantity", true) }}
            )
            when 'burn' then concat({{ burn_words("judged") }})
        end as evidence,
        -- what nobody renews lapses: a limit that is reached lasts as long as its period
        case
            when judged.period = '5h' and judged.rule is not null
                then judged.as_of + interval 1 hour
            when judged.rule = 'cap' then judged.period_end
            when judged.rule is not null then least(
                judged.period_end, judged.as_of + interval {{ var("recommendation_hours") }} hour
            )
        end as expires_at,
        judged.calls,
        judged.unpriced_calls,
        judged.unknown_hours,
        judged.source,
        judged.unit,
        judged.limit_quantity,
        judged.used_quantity,
        judged.remaining_quantity,
        judged.projected_quantity,
        judged.used_ratio,
        judged.exhausted_at,
        judged.uncounted_calls
    from judged

)

select * from final
