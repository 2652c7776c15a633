{#- Every close and reopening: the trail of what was charged when. -#}
{{ config(materialized="table") }}

with closes as (

    select * from {{ ref("stg_closes__months") }}

),

final as (

    select
        month, close_number, closed_at, as_of_day, commit_id, accepted, is_current, reopened_at,
        reopen_reason
    from closes

)

select * from final
