{#-
    Why a cost moved: the additive decomposition of its change into drivers, LMDI-I (Ang 2005).

    A cell's cost is a chain of quantities, each a factor times the one before it. A driver's
    effect is the logarithmic mean of the cell's two costs times the growth of its factor, summed
    over the cells: in whatever order, the effects sum to the change. A cell that costs nothing in
    one of the periods has no logarithm: its whole change is `entry_exit`. See DECISIONS.md,
    `effect_usd`.
-#}

{#-
    One row a comparison, measure and driver, with the measure in both periods; no cost per success
    where a period has no success. `sides`: rows of `fct_task_costs_daily` with `side`, 0 or 1;
    `keys`: columns of a comparison; `measures`: some of `bridge_measures`.
-#}
{% macro cost_bridge_select(sides, keys, measures) -%}
    {%- set keyed = keys | join(", ") -%}
    {%- set factors = bridge_factors() -%}
    {%- set drivers = (factors | list) + ["entry_exit"] -%}
    {%- set quantities = factors.values() | map(attribute=2) | list -%}
    with cells as (

        {{ bridge_cells(sides, keys) }}

    ),

    measured as (

        select
            cells.*,
            measures.measure,
            {% for side in [0, 1] -%}
            {% for whole in ["all", "feature"] -%}
            case measures.measure when 'total_cost' then {{ whole }}_tasks_{{ side }}
                else {{ whole }}_successes_{{ side }} end as {{ whole }}_units_{{ side }},
            {% endfor -%}
            case measures.measure when 'total_cost' then {{ unrounded("usd_" ~ side) }}
                else {{ unrounded("usd_" ~ side, "all_successes_" ~ side) }} end as cost_{{ side }},
            case measures.measure when 'total_cost' then all_usd_{{ side }}
                when 'cost_per_success'
                    then {{ usd_per("all_usd_" ~ side, "all_successes_" ~ side) }}
                else {{ usd_per("with_people_usd_" ~ side, "all_successes_" ~ side) }} end
                as value_{{ side }}
            {{- "," if side == 0 }}
            {% endfor %}
        from cells
        inner join (values ('{{ measures | join("'), ('") }}')) as measures (measure)
            on cells.cost_kind <> 'human' or measures.measure = 'cost_per_success_with_people'

    ),

    grown as (

        select
            *,
            {% for quantity in quantities | unique -%}
            {{ growth(quantity ~ "_0", quantity ~ "_1") }} as {{ quantity }}_growth,
            {% endfor -%}
            {{ quantities | unique | join("_growth + ") }}_growth is not null as is_in_both,
            case when cost_0 > 0 and cost_1 > 0 then {{ logarithmic_mean("cost_0", "cost_1") }} end
                as mean_cost
        from measured
        where measure = 'total_cost' or (all_units_0 > 0 and all_units_1 > 0)

    ),

    summed as (

        select
            {{ keyed }},
            measure,
            cast(any_value(value_0) as decimal(28, 9)) as previous_usd,
            cast(any_value(value_1) as decimal(28, 9)) as current_usd,
            {% for driver, (where, before, after) in factors.items() -%}
            {%- set factor = after ~ "_growth" ~ (" - " ~ before ~ "_growth" if before else "") %}
            coalesce(sum({{ in_any_order("mean_cost * (" ~ factor ~ ")") }})
                filter (where is_in_both and {{ where }}), 0) as {{ driver }},
            {% endfor -%}
            coalesce(sum({{ in_any_order("cost_1 - cost_0") }}) filter (where not is_in_both), 0)
                as entry_exit
        from grown
        group by {{ keyed }}, measure

    ),

    effects as (

        select
            {{ keyed }},
            measure,
            previous_usd,
            current_usd,
            drivers.driver,
            case drivers.driver
                {% for driver in drivers -%}
                when '{{ driver }}' then {{ driver }}
                {% endfor -%}
            end as effect
        from summed
        cross join (values ('{{ drivers | join("'), ('") }}')) as drivers (driver)

    )

    select * from {{ whole_effects("effects", keys + ["measure"]) }} as whole
{%- endmacro %}
