{#- Who pays every billed dollar of a month, and by which rule: statements and pages read this. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_showback_months() }}",
    )
}}

with direct as (

    select *, cast(null as varchar) as pool, cast(null as varchar) as tool_name
    from {{ ref("int_showback_direct") }}
    where allocation_rule is null

),

shared as (

    select
        *,
        case when basis like 'tool:%' then substr(basis, {{ "tool:" | length + 1 }}) end
            as tool_name
    from {{ ref("int_pool_shares") }}

),

transfers as (

    select
        *,
        'cache sharing' as line,
        cast(null as varchar) as pool,
        cast(null as varchar) as tool_name
    from {{ ref("int_showback_transfers") }}
    where is_settled and charge_usd <> 0

),

paid as (

    {% for part in ["direct", "shared", "transfers"] -%}
    select month, {{ cost_object_columns() }}, provider, line, pool, tool_name, charge_usd
    from {{ part }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        month,
        {{ cost_object_columns() }},
        provider,
        line,
        pool,
        tool_name,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd
    from paid
    group by all

)

select * from final
