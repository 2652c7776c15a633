{#- Closing dates whose cohort changed: where touched tasks closed or were reversed, and do now. -#}

with before as (

    select unnest([closed_date_before, reversed_date_before]) as closed_date
    from {{ ref("int_tasks_to_rebuild") }}

),

now as (

    select unnest([closed_date, reversed_date]) as closed_date from {{ ref("fct_tasks") }}
    where task_id in (select task_id from {{ ref("int_tasks_to_rebuild") }})

),

final as (

    select closed_date from before where closed_date is not null
    union
    select closed_date from now where closed_date is not null

)

select * from final
