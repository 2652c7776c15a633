{#-
    Evaluations of the days of this run, with the span that they are about: of one that names only
    an answer, the call that gave it.
-#}

with evaluations as (

    select * from {{ ref("stg_outcomes__evaluations") }}
    where {{ in_changed_days(["task_outcomes"], "fct_tasks") }}

),

run as (

    select * from {{ ref("stg_lake__run_context") }}

),

calls as (

    select *
    from {{ ref("stg_gateway__calls") }}
    where {{ in_reach_of_changed_days({"task_outcomes": "evaluated_days"}) }}
        and provider_response_id in (
            select provider_response_id
            from evaluations
            where provider_response_id is not null
        )

),

answers as (

    select
        evaluations.source_name,
        evaluations.utc_day,
        evaluations.provider_response_id,
        min(struct_pack(trace := calls.trace_id, span := calls.call_id)) as place
    from evaluations
    cross join run
    inner join calls
        on evaluations.source_name = calls.source_name
        and evaluations.provider_response_id = calls.provider_response_id
        and calls.utc_day
        between evaluations.utc_day - run.evaluated_days and evaluations.utc_day + run.skew_days
    where calls.trace_id is not null
    group by evaluations.source_name, evaluations.utc_day, evaluations.provider_response_id

),

final as (

    select
        evaluations.* replace (
            coalesce(evaluations.trace_id, answers.place.trace) as trace_id,
            coalesce(evaluations.span_id, answers.place.span) as span_id
        )
    from evaluations
    left join answers
        on evaluations.source_name = answers.source_name
        and evaluations.utc_day = answers.utc_day
        and evaluations.provider_response_id = answers.provider_response_id

)

select * from final
