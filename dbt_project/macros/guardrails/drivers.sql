{#-
    What moved within an incident: of the factors of its cost the one that grew most beside the same
    hours of the four weeks before. Definition: DECISIONS.md, `incident`. `outlay backtest` renders
    it over series of anybody.

    sides: incident_id, side (1 within, 0 before), model_id, largest_feature, and sums of tasks,
        calls, tool_calls, cached_hits, billable tokens, estimate_usd and tool_usd;
    incidents: incident_id, scope, measure.
-#}
{% macro incident_drivers_select(sides, incidents) -%}
    with worked as (

        select
            *,
            calls - tool_calls as model_calls,
            calls - tool_calls - cached_hits as provider_calls,
            billable_input_tokens + billable_output_tokens as tokens,
            -- a token's usual weight in a price: read from a cache a tenth, written by the model
            -- four
            billable_input_tokens - 0.9 * billable_cache_read_tokens + 4 * billable_output_tokens
                as weight,
            estimate_usd - tool_usd as model_usd
        from {{ sides }}

    ),

    models as (

        select
            incident_id,
            model_id,
            sum(weight) filter (where side = 1) as weight,
            -- a model that is new has no other price than its own
            coalesce(
                {{ ratio("sum(model_usd) filter (where side = 0)",
                    "sum(weight) filter (where side = 0)") }},
                {{ ratio("sum(model_usd) filter (where side = 1)",
                    "sum(weight) filter (where side = 1)") }}
            ) as usd_per_weight
        from worked
        group by incident_id, model_id

    ),

    at_former_prices as (

        select incident_id, sum(weight * usd_per_weight) as usd from models group by incident_id

    ),

    totals as (

        select
            incident_id
            {%- for name in [
                "tasks", "calls", "model_calls", "provider_calls", "cached_hits", "tokens",
                "weight", "model_usd", "tool_usd",
            ] -%}
            {%- for side in [0, 1] %},
            coalesce(sum({{ name }}) filter (where side = {{ side }}), 0) as {{ name }}_{{ side }}
            {%- endfor -%}
            {%- endfor %},
            arg_max(largest_feature, estimate_usd) filter (where side = 1) as largest_feature
        from worked
        group by incident_id

    ),

    factors as (

        select
            totals.incident_id,
            totals.largest_feature,
            incidents.measure,
            totals.tool_usd_1 - totals.tool_usd_0
                > greatest(totals.model_usd_1 - totals.model_usd_0, 0) as is_tool,
            -- more of one model is another choice of models; of anybody else, more work
            {{ growth("case scope when 'model' then calls_0 else tasks_0 end",
                "case scope when 'model' then calls_1 else tasks_1 end") }} as first_factor,
            case when scope = 'model' then 'model_mix' else 'volume' end as first_name,
            case when scope <> 'model' then {{ ratio_growth("model_calls", "tasks") }} end as loops,
            {{ growth("1 - " ~ ratio("cached_hits_0", "model_calls_0"),
                "1 - " ~ ratio("cached_hits_1", "model_calls_1")) }} as response_cache,
            {{ ratio_growth("tokens", "provider_calls") }} as tokens_per_call,
            {{ ratio_growth("weight", "tokens") }} as cache_mix,
            {{ growth(
                ratio("model_usd_0", "weight_0"), ratio("at_former_prices.usd", "weight_1")
            ) }} as model_mix,
            {{ growth("at_former_prices.usd", "model_usd_1") }} as price
        from totals
        inner join {{ incidents }} as incidents on totals.incident_id = incidents.incident_id
        inner join at_former_prices on totals.incident_id = at_former_prices.incident_id

    )

    select
        factors.incident_id,
        factors.largest_feature,
        case
            when factors.measure in ('waste', 'cache_saving', 'reported_cost', 'new_member')
                then {{ driver_of_measure("factors.measure") }}
            when factors.is_tool then 'tool_calls'
            else list_max([
                struct_pack(factor := case factors.measure when 'spend'
                    then coalesce(factors.first_factor, 0) else 0 end, name := factors.first_name),
                {% for name in [
                    "loops", "response_cache", "tokens_per_call", "cache_mix", "model_mix", "price",
                ] -%}
                struct_pack(factor := coalesce(factors.{{ name }}, 0), name := '{{ name }}')
                {{- "," if not loop.last }}
                {% endfor -%}
            ]).name
        end as driver
    from factors
{%- endmacro %}
