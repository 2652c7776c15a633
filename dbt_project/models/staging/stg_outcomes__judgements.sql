with source as (

    select * from {{ source("raw", "task_outcomes") }}

),

ranked as (

    select
        *,
        -- a business system knows best, then a person, then a model
        case evaluator_type when 'business_system' then 1 when 'human' then 2 else 3 end
            as evaluator_rank
    from source

)

select * from ranked
