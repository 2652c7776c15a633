{#- Calls of audited periods, in the order in which a counter sees them, and what is spent then. -#}
{{ config(materialized="table") }}

with periods as (

    select * from {{ ref("int_capped_periods") }}

),

calls as (

    select
        calls.*,
        {{ is_budget_refusal("calls") }} as is_refused
    from {{ ref("fct_calls") }} as calls
    where calls.utc_day >= (select min(cast(period_start as date)) from periods)

),

scoped as (

    {% for scope, column in limit_scopes().items() -%}
    select
        periods.*,
        calls.source_name,
        calls.call_id,
        calls.request_id,
        calls.started_at,
        coalesce(calls.ended_at, calls.started_at) as ended_at,
        calls.status = 'ok' as is_answered,
        calls.is_refused,
        coalesce(calls.estimate_usd, 0) as usd
    from periods
    inner join calls
        on periods.period_start <= calls.started_at
        and periods.period_end > calls.started_at
        {%- if column %}
        and periods.member = calls.{{ column }}
        {%- endif %}
    where periods.scope = '{{ scope }}'
    {% if not loop.last -%}
    union all
    {% endif -%}
    {% endfor %}

),

final as (

    select
        *,
        -- a call counts when it has ended, a refusal when it is asked
        case when is_refused then started_at else ended_at end as counted_at,
        cast(sum(usd) over (
            partition by {{ cap_keys() | join(", ") }}
            order by case when is_refused then started_at else ended_at end, source_name, call_id
            rows between unbounded preceding and current row
        ) as decimal(28, 9)) as spent_usd
    from scoped

)

select * from final
