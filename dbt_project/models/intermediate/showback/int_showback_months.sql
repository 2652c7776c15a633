{#- Months of showback that this run computes again: something that it depends on changed. -#}

with changed as (

    select changed.utc_day + cast(distance.days as integer) as day
    from {{ ref("stg_lake__changed_days") }} as changed
    -- a cell of the tie-out hears from two days before and after
    cross join range(-2, 3) as distance (days)
    where changed.table_name in ('{{ allocation_inputs() | join("', '") }}', 'org_units')
    union all
    -- the UTC day of a charge and the closing day of a task are of different calendars
    select closed_date as day from {{ ref("int_close_dates_to_rebuild") }}

),

final as (

    select {{ month_of("day") }} as month from changed
    where day is not null
    group by month

)

select * from final
