{#- What a member did in a month, beside what it is charged: calls, tokens, judged tasks. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_showback_months() }}",
    )
}}

with usage as (

    select *, {{ month_of("utc_day") }} as month
    from {{ ref("fct_team_usage_daily") }}
    where {{ in_showback_months(month_of("utc_day")) }}

),

periods as (

    select * from {{ ref("fct_unit_cost_periods") }}
    where
        period_grain = 'month'
        and cost_basis = 'estimate'
        and {{ in_showback_months("period_start") }}

),

parts as (

    {% for kind, column in member_kinds().items() -%}
    select
        month,
        '{{ kind }}' as kind,
        case when {{ column }} is null then 'unallocated' else 'member' end as row_kind,
        {{ column }} as member,
        sum(calls) as calls,
        sum(coalesce(billable_input_tokens, 0) + coalesce(billable_output_tokens, 0)) as tokens,
        null as tasks_closed,
        null as successes,
        null as cost_usd
    from usage
    group by all
    union all
    {% endfor -%}
    select
        period_start as month,
        dimension as kind,
        case when member = 'unattributed' then 'unallocated' else 'member' end as row_kind,
        case when member <> 'unattributed' then member end as member,
        null as calls,
        null as tokens,
        tasks_closed,
        successes,
        cost_usd
    from periods
    where dimension in ('{{ member_kinds() | join("', '") }}')
    {% for kind in member_kinds() -%}
    union all
    select month, '{{ kind }}' as kind, 'total' as row_kind, null as member, sum(calls) as calls,
        null as tokens, null as tasks_closed, null as successes, null as cost_usd
    from usage
    group by month
    union all
    select period_start as month, '{{ kind }}' as kind, 'total' as row_kind, null as member,
        null as calls, null as tokens, tasks_closed, successes, cost_usd
    from periods
    where dimension = 'all'
    {% endfor -%}
),

final as (

    select
        month,
        kind,
        row_kind,
        member,
        {{ as_count("sum(calls)") }} as calls,
        {{ as_count("sum(tokens)") }} as tokens,
        {{ as_count("sum(tasks_closed)") }} as tasks_closed,
        {{ as_count("sum(successes)") }} as successes,
        {{ usd_per("sum(cost_usd)", "sum(successes)") }} as cost_per_success_usd
    from parts
    group by all

)

select * from final
