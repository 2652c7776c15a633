{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_touched_days() }}",
    )
}}

-- depends_on: {{ ref("int_closed_days_touched") }}

with closed as (

    select * from {{ ref("fct_tasks") }}
    where closed_date is not null and {{ only_touched_days() }}

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
