{#- How fast each member burns beside what is usual; the formula: macros/guardrails/burn.sql. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_days_after_changes(64) }}",
    )
}}

-- depends_on: {{ ref("stg_lake__changed_days") }}
-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with hours as (

    select * from {{ ref("int_guarded_hours") }} where {{ since_changes(36) }}

),

days as (

    select * from {{ ref("fct_unit_cost_periods") }}
    where period_grain = 'day' and dimension = 'feature' and cost_basis = 'estimate'
        and {{ since_changes(36, "period_start", of_waste=true) }}
        and member in (
            select member from {{ ref("int_guarded_hours") }}
            where scope = 'feature' and {{ since_any_change(36) }}
        )

),

measured as (

    select scope, member, utc_hour, 'spend' as measure,
        estimate_usd as actual_usd, cast(null as decimal(28, 9)) as exposure
    from hours
    union all
    -- beside its tasks; of a member with several features, beside what such tasks usually cost;
    -- a task is no model's: of a model, beside its calls
    select scope, member, utc_hour, 'unit_cost' as measure,
        live_usd as actual_usd,
        case scope when 'feature' then tasks when 'model' then calls else usual_tasks_usd end
            as exposure
    from hours
    union all
    select scope, member, utc_hour, 'cache_saving' as measure,
        avoided_usd as actual_usd, cache_lookups as exposure
    from hours
    where scope in ('company', 'feature')
    union all
    select scope, member, utc_hour, 'reported_cost' as measure,
        reported_usd as actual_usd, both_known_usd as exposure
    from hours
    where scope = 'model'
    union all
    -- a day's closed tasks stand at its last hour
    select 'feature' as scope, member, period_start + interval 23 hour as utc_hour,
        'waste' as measure, waste_usd as actual_usd, cost_usd as exposure
    from days

),

bounds as (

    select scope, member, measure, min(utc_hour) as first_hour, max(utc_hour) as last_hour
    from measured
    group by scope, member, measure

),

grid as (

    select scope, member, measure,
        unnest(generate_series(first_hour, last_hour, interval 1 hour)) as utc_hour
    from bounds

),

uplifts as (

    {{ planned_uplifts(ref("stg_workspace__planned_events")) }}

),

signals as (

    select
        grid.*,
        measured.actual_usd,
        case when grid.measure <> 'spend' then coalesce(measured.exposure, 0) end as exposure,
        case when grid.measure = 'spend' then {{ uplift_of("grid") }} else 1 end as uplift
    from grid
    left join measured
        on grid.scope = measured.scope
        and grid.member = measured.member
        and grid.measure = measured.measure
        and grid.utc_hour = measured.utc_hour
    {{ join_uplifts("grid") }}

),

final as (

    {{ burn_select(
        "signals", burn_keys(), burn_windows(), in_days_after_changes(64), since_any_change(8)
    ) }}

)

select * from final
