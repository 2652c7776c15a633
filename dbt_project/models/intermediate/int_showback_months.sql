{#- Months of showback that this run computes again: something that it depends on changed. -#}

with changed as (

    select utc_day as day from {{ ref("stg_lake__changed_days") }}
    where table_name in ('gateway_calls', 'billing_charges', 'org_units')
    union all
    -- the UTC day of a charge and the closing day of a task are of different calendars
    select closed_date as day from {{ ref("int_closed_days_touched") }}

),

final as (

    select {{ month_of("day") }} as month from changed
    where day is not null
    group by month

)

select * from final
