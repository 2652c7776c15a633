{%- set dimensions = member_kinds() -%}

with showback as (

    select * from {{ ref("fct_chargeback") }}

),

dimensions as (

    {% for dimension, column in dimensions.items() -%}
    select
        month, '{{ dimension }}' as dimension, {{ column }} as member, line, pool, provider,
        charge_usd
    from showback
    {{ "union all" if not loop.last }}
    {% endfor %}
),

final as (

    select
        month,
        dimension,
        coalesce(member, 'unallocated') as member,
        case when line = 'usage' and member is null then 'untagged gateway traffic' else line end
            as line,
        pool,
        coalesce(provider, 'unknown') as provider,
        cast(sum(charge_usd) as decimal(28, 12)) as charge_usd
    from dimensions
    group by all

)

select * from final
