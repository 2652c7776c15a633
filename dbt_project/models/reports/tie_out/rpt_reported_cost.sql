{#-
    Costs that gateways state themselves against the estimate, and the likely reason where the two
    part. Definition: DECISIONS.md, `likely_reason`.
-#}

-- what a source would state if it read the call in another way
{% set readings = {
    "cached_as_input": ["off_estimate_usd + off_cache_saving_usd"],
    "cache_reads_as_input":
        ["off_estimate_usd + off_cache_saving_usd + off_cache_write_premium_usd"],
    "cache_reads_twice": ["off_estimate_usd + off_cache_saving_usd"
        ~ " + off_cache_write_premium_usd + off_cache_read_usd"],
    "cache_reads_left_out": ["off_estimate_usd - off_cache_read_usd"],
    "cache_writes_as_input": ["off_estimate_usd - off_cache_write_premium_usd"],
    "reasoning_twice": ["off_estimate_usd + off_reasoning_usd"],
    "reasoning_left_out": ["off_estimate_usd - off_reasoning_usd"],
    "fees_left_out": ["off_estimate_usd - off_fees_usd"],
    "other_tier": ["off_estimate_usd * 2", "off_estimate_usd * 0.5"],
} %}

with daily as (

    select * from {{ ref("fct_reported_cost_daily") }}

),

summed as (

    select
        {{ month_of("utc_day") }} as month,
        source_name,
        provider,
        model_id as model,
        operation,
        service_tier,
        {{ as_count("sum(calls)") }} as calls,
        {{ sum_usd("estimate_usd") }} as estimate_usd,
        {{ sum_usd("reported_usd") }} as reported_usd,
        {{ as_count("count(case when is_outside_band then 1 end)") }} as days_off,
        {% for column in ["estimate", "reported", "gap", "cache_read", "cache_saving",
            "cache_write_premium", "reasoning", "fees"] -%}
        {{ sum_usd("case when is_outside_band then " ~ column ~ "_usd else 0 end") }}
            as off_{{ column }}_usd
        {{- "," if not loop.last }}
        {% endfor %}
    from daily
    group by all

),

compared as (

    select
        *,
        -- what each reading leaves of the gap
        {% for reason, costs in readings.items() -%}
        least({% for cost in costs -%}
            abs(off_reported_usd - ({{ cost }})){{ ", " if not loop.last }}
        {%- endfor %}) as {{ reason }}{{ "," if not loop.last }}
        {% endfor %}
    from summed

),

final as (

    select
        month,
        source_name,
        provider,
        model,
        operation,
        service_tier,
        calls,
        estimate_usd,
        reported_usd,
        days_off,
        off_gap_usd as gap_usd,
        {{ ratio("off_reported_usd", "off_estimate_usd") }} as reported_ratio,
        case
            when days_off = 0 then null
            when off_reported_usd = 0 then 'no_cost'
            when least({{ readings | join(", ") }}) > 0.1 * abs(off_gap_usd) then 'other_price'
            {% for reason in readings -%}
            when {{ reason }} = least({{ readings | join(", ") }}) then '{{ reason }}'
            {% endfor -%}
        end as likely_reason
    from compared

)

select * from final
