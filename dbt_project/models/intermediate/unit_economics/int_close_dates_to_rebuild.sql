{#-
    Closing dates whose cohort changed: where touched tasks closed or were reversed, and do now; and
    where the org tree gives them another team.
-#}

with before as (

    select unnest([closed_date_before, reversed_date_before]) as closed_date
    from {{ ref("int_tasks_to_rebuild") }}

),

now as (

    select unnest([closed_date, reversed_date]) as closed_date from {{ ref("fct_tasks") }}
    where task_id in (select task_id from {{ ref("int_tasks_to_rebuild") }})

),

-- the UTC days of verdicts and the closing dates are of different calendars
moved as (

    select changed.utc_day + cast(distance.days as integer) as closed_date
    from {{ ref("stg_lake__changed_days") }} as changed
    cross join range(-1, 2) as distance (days)
    where changed.table_name = 'org_units'

),

final as (

    select closed_date from before where closed_date is not null
    union
    select closed_date from now where closed_date is not null
    union
    select closed_date from moved

)

select * from final
