{#-
    What passed after a hard limit was reached, and what was refused, by cause. The definition:
    DECISIONS.md, `cause`.
-#}
{{ config(materialized="table") }}

with calls as (

    select * from {{ ref("int_capped_calls") }}

),

reached as (

    select
        {{ cap_keys() | join(", ") }},
        any_value(period_end) as period_end,
        min(counted_at) filter (where spent_usd >= limit_usd) as reached_at
    from calls
    group by {{ cap_keys() | join(", ") }}

),

noticed as (

    select
        calls.*,
        reached.reached_at,
        min(case when calls.is_refused and calls.counted_at >= reached.reached_at
            then calls.counted_at end) over (
            partition by {% for key in cap_keys() %}calls.{{ key }}{{ ", " if not loop.last }}
            {%- endfor %}
        ) as first_refusal_at,
        coalesce(before.reached_at is not null and calls.spent_usd = 0, false) as is_carried
    from calls
    inner join reached {{ same_cap("calls", "reached") }}
    left join reached as before
        on calls.scope = before.scope
        and calls.member = before.member
        and calls.period = before.period
        and calls.period_start = before.period_end

),

-- how a request ended, whatever was refused on the way
ended as (

    select
        source_name,
        request_id,
        bool_or(is_answered) as is_graceful,
        bool_or(is_server_error) and not bool_or(is_answered) as is_server_error
    from calls
    group by source_name, request_id

),

-- a refusal is of the limit that is reached, else of the one that is nearest to it
refused as (

    select
        noticed.* exclude (is_server_error),
        ended.is_graceful,
        ended.is_server_error
    from noticed
    inner join ended
        on noticed.source_name = ended.source_name
        and noticed.request_id = ended.request_id
    where noticed.is_refused
    qualify row_number() over (
        partition by noticed.source_name, noticed.call_id
        order by
            coalesce(noticed.reached_at <= noticed.counted_at, false) desc,
            {{ ratio("noticed.spent_usd", "noticed.limit_usd") }} desc,
            noticed.scope asc,
            noticed.period asc
    ) = 1

),

{{ cap_audit_steps() }}

final as (

    select * from passed
    union all
    select * from refusals

)

select * from final
