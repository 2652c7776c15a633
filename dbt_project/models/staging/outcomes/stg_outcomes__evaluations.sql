with source as (

    select * from {{ source("raw", "task_outcomes") }}

),

ranked as (

    select
        *,
        list_position(['{{ var("evaluator_precedence") | join("', '") }}'], evaluator_type)
            as evaluator_rank
    from source

)

select * from ranked
