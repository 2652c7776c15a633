{{ config(materialized="table") }}

with files as (

    select * from {{ ref("stg_lake__files") }} where status <> 'superseded'

),

newest as (

    select max(last_day) as newest_day from files

),

final as (

    select
        files.source_name,
        min(files.format) as format,
        {{ as_count("count(*) filter (where files.status = 'loaded')") }} as files_loaded,
        {{ as_count("count(*) filter (where files.status = 'duplicate')") }} as files_duplicate,
        {{ as_count("count(*) filter (where files.status = 'failed')") }} as files_failed,
        {{ as_count("coalesce(sum(files.rows_loaded), 0)") }} as rows_loaded,
        {{ as_count("coalesce(sum(files.rows_quarantined), 0)") }} as rows_quarantined,
        min(files.first_day) as first_day,
        max(files.last_day) as last_day,
        {{ as_count("max(newest.newest_day) - max(files.last_day)") }} as days_behind,
        max(files.landed_at) as last_landed_at
    from files
    cross join newest
    group by files.source_name

)

select * from final
