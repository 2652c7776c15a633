{#-
    Judgements of the days of this run, with the span that they are about: of one that names only
    an answer, the call that gave it.
-#}

with judgements as (

    select * from {{ ref("stg_outcomes__judgements") }}
    where {{ in_changed_days(["task_outcomes"], "fct_tasks") }}

),

run as (

    select * from {{ ref("stg_lake__run_context") }}

),

calls as (

    select *
    from {{ ref("stg_gateway__calls") }}
    where {{ in_reach_of_changed_days({"task_outcomes": "judged_days"}) }}
        and provider_response_id in (
            select provider_response_id
            from judgements
            where provider_response_id is not null
        )

),

answers as (

    select
        judgements.source_name,
        judgements.utc_day,
        judgements.provider_response_id,
        min(struct_pack(trace := calls.trace_id, span := calls.call_id)) as place
    from judgements
    cross join run
    inner join calls
        on judgements.source_name = calls.source_name
        and judgements.provider_response_id = calls.provider_response_id
        and calls.utc_day
        between judgements.utc_day - run.judged_days and judgements.utc_day + run.skew_days
    where calls.trace_id is not null
    group by judgements.source_name, judgements.utc_day, judgements.provider_response_id

),

final as (

    select
        judgements.* replace (
            coalesce(judgements.trace_id, answers.place.trace) as trace_id,
            coalesce(judgements.span_id, answers.place.span) as span_id
        )
    from judgements
    left join answers
        on judgements.source_name = answers.source_name
        and judgements.utc_day = answers.utc_day
        and judgements.provider_response_id = answers.provider_response_id

)

select * from final
