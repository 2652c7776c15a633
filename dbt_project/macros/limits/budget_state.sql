{#- The last step of `fct_budget_state`, from its steps limits, now, summed, rolling and use. -#}
{% macro budget_state_select() -%}
    {%- set quantities = {
        "limit": "limits.limit_quantity",
        "used": "stood.used",
        "remaining": "limits.limit_quantity - stood.used",
        "expected": "coalesce(summed.expected, 0)",
        "projected": "stood.used + summed.to_come",
        "projected_low": "stood.used + summed.to_come * exp(-stood.error)",
        "projected_high": "stood.used + summed.to_come * exp(stood.error)",
    } -%}
    select
        limits.scope,
        limits.member,
        limits.unit,
        limits.period,
        limits.kind,
        limits.period_start,
        limits.period_end,
        limits.as_of,
        {% for name, quantity in quantities.items() -%}
        cast(case when limits.unit = 'usd' then {{ quantity }} end as decimal(28, 9))
            as {{ {"used": "spent"}.get(name, name) }}_usd,
        {% endfor -%}
        {% for name, quantity in quantities.items() -%}
        cast({{ quantity }} as decimal(28, 9)) as {{ name }}_quantity,
        {% endfor -%}
        round({{ ratio("stood.used", "limits.limit_quantity") }}, 6) as used_ratio,
        round({{ ratio(
            "(stood.used * summed.usual)", "(limits.limit_quantity * summed.expected)"
        ) }}, 6) as pace_ratio,
        case
            when summed.to_come = 0 then 'none to come'
            when limits.projection_error is null then 'assumed'
            when limits.history_days < 84 then 'indicative'
            else 'backtest'
        end as interval_basis,
        summed.exhausted_at,
        {{ reporting_date("summed.exhausted_at") }} as exhausted_on,
        case when stood.used < limits.limit_quantity
            then coalesce(rolling.exhausted_at, summed.exhausted_at_burn) end as exhausted_at_burn,
        now.burn_2h_ratio,
        now.burn_6h_ratio,
        now.rule,
        list_max(list_filter(
            limits.warn_at, lambda mark: stood.used >= limits.limit_quantity * mark
        )) as warn_mark,
        {{ as_count("use.calls") }} as calls,
        {{ as_count("use.unpriced_calls") }} as unpriced_calls,
        {{ as_count("use.uncounted_calls") }} as uncounted_calls,
        {{ as_count("summed.unknown_hours") }} as unknown_hours,
        limits.owner,
        limits.source
    from limits
    inner join now {{ same_limit("limits", "now") }}
    inner join summed {{ same_limit("limits", "summed") }}
    inner join use {{ same_limit("limits", "use") }}
    left join rolling {{ same_limit("limits", "rolling") }}
    cross join lateral (
        select
            -- calls of which nobody knows the price, or the tokens: unknown, not 0
            cast(case when use.calls > 0
                    and (use.quantity is null or use.uncounted_calls = use.calls) then null
                else coalesce(use.quantity, 0) end as decimal(28, 9)) as used,
            -- without a backtest, a quarter either way
            coalesce(limits.projection_error, ln(1.25)) as error
    ) as stood
{%- endmacro %}
