{#-
    The charge of every call: what `fct_allocations` gives to its day, model and owner, spread over
    the calls by their estimates. A view, asked for one day at a time: nothing is kept of it.
-#}
{{ config(materialized="view") }}

{%- set cell = ["utc_day", "provider", "model_id", "feature", "tenant_id", "team_tag"] %}
{%- set facts = [
    "source_name", "call_id", "provider_response_id", "task_id", "started_at", "status",
    "input_uncached_tokens", "cache_read_tokens", "cache_write_5m_tokens",
    "cache_write_1h_tokens", "cache_write_other_tokens", "output_tokens", "estimate_usd",
] %}

with charges as (

    select {{ cell | join(", ") }}, sum(charge_usd) as amount_usd
    from {{ ref("fct_allocations") }}
    -- what a rule of config/allocation.csv claims is spread by that rule, not by calls
    where line = 'usage' and allocation_rule is null
    group by all

),

parts as (

    select
        {% for column in cell + facts %}calls.{{ column }}, {% endfor %}
        charges.amount_usd,
        cast(cast(calls.estimate_usd as decimal(28, 9)) * 1000000000 as hugeint) as weight
    from {{ ref("fct_calls") }} as calls
    inner join charges
        on calls.utc_day = charges.utc_day
        {% for column in cell[1:] -%}
        and calls.{{ column }} is not distinct from charges.{{ column }}
        {% endfor -%}
    where calls.estimate_usd > 0

),

shares as (

    select {{ (cell + facts) | join(", ") }}, share_usd as charge_usd
    from {{ largest_remainder("parts", cell, ["source_name", "call_id"]) }} as shares

),

final as (

    select {{ (cell + facts) | join(", ") }}, cost_centre, team, charge_usd
    from {{ placed_in_org("shares") }} as placed

)

select * from final
