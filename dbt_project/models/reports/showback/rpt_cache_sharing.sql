{#- What members owe each other for prefixes that one wrote into a cache and another read, by month.
    Rule: DECISIONS.md, `cache sharing`. -#}
{{ config(materialized="view") }}

with transfers as (

    select * from {{ ref("fct_cache_transfers") }}

),

sides as (

    {% for dimension, column in {"feature": "feature", "tenant": "tenant_id"}.items() -%}
    {% for side, sign in {"from": "", "to": "-"}.items() -%}
    select
        {{ month_of("utc_day") }} as month,
        '{{ dimension }}' as dimension,
        coalesce({{ side }}_{{ column }}, 'unattributed') as member,
        {{ sign }}transfer_usd as net_usd,
        is_settled
    from transfers
    where from_{{ column }} is distinct from to_{{ column }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        month,
        dimension,
        member,
        cast(coalesce(sum(net_usd) filter (net_usd > 0), 0) as decimal(28, 12)) as owes_usd,
        cast(coalesce(-sum(net_usd) filter (net_usd < 0), 0) as decimal(28, 12)) as is_owed_usd,
        cast(sum(net_usd) as decimal(28, 12)) as net_usd,
        bool_and(is_settled) as is_settled
    from sides
    group by month, dimension, member

)

select * from final
