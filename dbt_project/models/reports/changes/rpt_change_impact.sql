{{ config(materialized="view") }}

with impacts as (

    select * from {{ ref("fct_change_impacts") }}

),

final as (

    select
        source_name,
        event_id,
        change_kind,
        change_event,
        changed_date,
        feature,
        driver,
        previous_usd,
        current_usd,
        effect_usd,
        near_effect_usd,
        total_effect_usd,
        {% for name in ["previous", "current"] -%}
        {% for measure in success_measures() -%}
        {{ name }}_{{ measure }}_ratio,
        {% endfor -%}
        {% endfor -%}
        {{ ratio("effect_usd", "previous_usd") }} as effect_ratio,
        placebo_days,
        placebo_largest_usd,
        is_cause
    from impacts

)

select * from final
