{#- The last step of `fct_budget_state`, from its steps limits, now, summed and use. -#}
{% macro budget_state_select() -%}
    select
        limits.scope,
        limits.member,
        limits.period,
        limits.kind,
        limits.period_start,
        limits.period_end,
        limits.as_of,
        limits.limit_usd,
        -- calls without any price: unknown, not 0
        stood.spent_usd,
        cast(limits.limit_usd - stood.spent_usd as decimal(28, 9)) as remaining_usd,
        cast(coalesce(summed.expected_usd, 0) as decimal(28, 9)) as expected_usd,
        round({{ ratio(
            "(stood.spent_usd * summed.usual_usd)", "(limits.limit_usd * summed.expected_usd)"
        ) }}, 6) as pace_ratio,
        cast(stood.spent_usd + summed.to_come_usd as decimal(28, 9)) as projected_usd,
        cast(stood.spent_usd + summed.to_come_usd * exp(-stood.error) as decimal(28, 9))
            as projected_low_usd,
        cast(stood.spent_usd + summed.to_come_usd * exp(stood.error) as decimal(28, 9))
            as projected_high_usd,
        case
            when summed.to_come_usd = 0 then 'none to come'
            when limits.projection_error is null then 'assumed'
            when limits.history_days < 84 then 'indicative'
            else 'backtest'
        end as interval_basis,
        summed.exhausted_at,
        {{ reporting_date("summed.exhausted_at") }} as exhausted_on,
        case when stood.spent_usd < limits.limit_usd then summed.exhausted_at_burn end
            as exhausted_at_burn,
        now.burn_2h_ratio,
        now.burn_6h_ratio,
        now.rule,
        list_max(list_filter(
            limits.warn_at, lambda mark: stood.spent_usd >= limits.limit_usd * mark
        )) as warn_mark,
        {{ as_count("use.calls") }} as calls,
        {{ as_count("use.unpriced_calls") }} as unpriced_calls,
        {{ as_count("summed.unknown_hours") }} as unknown_hours,
        limits.owner,
        limits.source
    from limits
    inner join now {{ same_limit("limits", "now") }}
    inner join summed {{ same_limit("limits", "summed") }}
    inner join use {{ same_limit("limits", "use") }}
    cross join lateral (
        select
            cast(case when use.calls > 0 and use.estimate_usd is null then null
                else coalesce(use.estimate_usd, 0) end as decimal(28, 9)) as spent_usd,
            -- without a backtest, a quarter either way
            coalesce(limits.projection_error, ln(1.25)) as error
    ) as stood
{%- endmacro %}
