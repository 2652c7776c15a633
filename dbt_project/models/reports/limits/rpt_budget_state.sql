{#- Where each limit stands, in numbers and in words, and what the gateway had better do. -#}
{{ config(materialized="view") }}

with limits as (

    select * from {{ ref("fct_budget_state") }}

),

judged as (

    select
        *,
        case
            when spent_usd >= limit_usd then 'over'
            when spent_usd is null
                or {{ ratio("unpriced_calls", "calls") }} > {{ var("limit_unpriced_ratio") }}
                then 'unknown'
            when projected_usd >= limit_usd then 'projected_over'
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
                'Spent ', {{ usd_words("judged.spent_usd") }}, ' of ',
                {{ usd_words("judged.limit_usd") }}
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
        judged.source
    from judged

)

select * from final
