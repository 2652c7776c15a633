with sources as (

    select * from {{ ref("dim_sources") }}

),

final as (

    select
        source_name,
        format,
        files_loaded,
        files_failed,
        rows_loaded,
        rows_quarantined,
        first_day,
        last_day,
        days_behind,
        last_landed_at
    from sources

)

select * from final
