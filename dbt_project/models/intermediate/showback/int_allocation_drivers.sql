{#- What a pool can be spread by, besides money: quantities of a month, by who caused them. -#}

{%- set wanted = "select basis from " ~ ref("stg_workspace__allocation_rules")
    ~ " where method = 'driver'" %}

with usage as (

    select * from {{ ref("fct_usage_daily") }}
    where {{ in_showback_months(month_of("utc_day")) }}

),

tools as (

    select * from {{ ref("fct_tool_usage_daily") }}
    where {{ in_showback_months(month_of("utc_day")) }}

),

tasks as (

    select * from {{ ref("fct_tasks") }}
    where status = 'success' and {{ in_showback_months(month_of("closed_date")) }}

),

quantities as (

    select utc_day as day, 'calls' as driver, feature, tenant_id, team_tag, calls as quantity
    from usage
    union all
    select
        utc_day as day,
        'tokens' as driver,
        feature,
        tenant_id,
        team_tag,
        coalesce(billable_input_tokens, 0) + coalesce(billable_output_tokens, 0) as quantity
    from usage
    union all
    select
        utc_day as day,
        'tool:' || tool_name as driver,
        feature,
        tenant_id,
        team_tag,
        answered_calls as quantity
    from tools
    union all
    select
        closed_date as day,
        'successful_tasks' as driver,
        feature,
        tenant_id,
        team_tag,
        1 as quantity
    from tasks

),

asked as (

    select * from quantities where driver in ({{ wanted }})

),

final as (

    select
        {{ month_of("day") }} as month,
        driver,
        {{ cost_object_columns() }},
        cast(sum(quantity) as hugeint) as quantity
    from {{ placed_in_org("asked", "day") }} as placed
    group by all
    having sum(quantity) > 0

)

select * from final
