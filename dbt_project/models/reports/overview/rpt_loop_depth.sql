{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_months_to_rebuild() }}",
    )
}}

-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with closed as (

    select
        *,
        {{ month_of("closed_date") }} as month,
        least(loop_depth, 21) as capped_depth
    from {{ ref("fct_tasks") }}
    where closed_date is not null and {{ only_days_to_rebuild("month") }}

),

final as (

    select
        month,
        coalesce(task_type, 'unattributed') as task_type,
        {{ as_count("capped_depth") }} as loop_depth,
        case when capped_depth = 21 then '21+' else cast(capped_depth as varchar) end
            as loop_depth_label,
        {{ as_count("count(*)") }} as tasks,
        {{ as_count("count(*) filter (where status = 'success')") }} as successes,
        {{ ratio("count(*) filter (where status = 'success')",
            "count(*) filter (where status <> 'neutral')") }} as success_ratio,
        {{ sum_usd("estimate_usd") }} as cost_usd,
        {{ usd_per("sum(estimate_usd)", "count(*) filter (where status = 'success')") }}
            as cost_per_success_usd
    from closed
    group by all

)

select * from final
