{#- Calls of audited periods, in the order in which a counter sees them, and what is spent then. -#}
{{ config(materialized="table") }}

with {{ audited_period_steps() }}

calls as (

    select
        calls.*,
        {{ is_budget_refusal("calls") }} as is_refused
    from {{ ref("fct_calls") }} as calls
    where calls.utc_day >= (select min(cast(period_start as date)) from audited)

),

scoped as (

    {% for scope, column in limit_scopes().items() -%}
    select
        audited.*,
        calls.source_name,
        calls.call_id,
        calls.request_id,
        calls.started_at,
        coalesce(calls.ended_at, calls.started_at) as ended_at,
        calls.status = 'ok' as is_answered,
        coalesce(calls.http_status >= 500, false) as is_server_error,
        calls.is_refused,
        coalesce(calls.estimate_usd, 0) as usd
    from audited
    inner join calls
        on audited.period_start <= calls.started_at
        and audited.period_end > calls.started_at
        {%- if column %}
        and audited.member = calls.{{ column }}
        {%- endif %}
    where audited.scope = '{{ scope }}'
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
