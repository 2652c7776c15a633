{#- What bought no success, part by part, of every period and member. -#}
{{ config(materialized="view") }}

with periods as (

    select * from {{ ref("fct_unit_cost_periods") }}

),

parts as (

    {% for part in waste_parts() -%}
    select
        periods.*,
        '{{ part }}' as part,
        {{ loop.index }} as part_order,
        {{ part }}_usd as part_usd,
        {{ part }}_tasks as tasks
    from periods
    {{ "union all" if not loop.last }}
    {% endfor %}
),

final as (

    select
        period_grain,
        period_start,
        dimension,
        member,
        cost_basis,
        part,
        {{ as_count("part_order") }} as part_order,
        part_usd as waste_usd,
        tasks,
        {{ ratio("part_usd", "waste_usd") }} as share,
        {{ ratio("part_usd", "cost_usd") }} as cost_ratio,
        waste_usd as total_usd,
        waste_ratio as total_ratio
    from parts

)

select * from final
