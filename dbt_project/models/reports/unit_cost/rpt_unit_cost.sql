{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_days_to_rebuild() }}",
    )
}}

-- depends_on: {{ ref("int_close_dates_to_rebuild") }}

with closed as (

    select * from {{ ref("fct_tasks") }}
    where closed_date is not null and {{ only_days_to_rebuild() }}

    union all by name
    {{ reversals("day") }}

),

final as (

    {{ unit_cost_select("closed", {
        "day": "closed_date",
        "task_type": "coalesce(task_type, 'unattributed')",
        "feature": "coalesce(feature, 'unattributed')",
        "tenant_id": "coalesce(tenant_id, 'unattributed')",
    }) }}

)

select * from final
