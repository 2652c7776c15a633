{#-
    What can tell that two records are one call, of the days of this run and the minutes around
    them. With one source of calls only those are compared that may be two spans of one response,
    of one tool call or of one request, or whose usage is stated again below.
-#}

with records as (

    select * from {{ ref("int_calls_numbered") }} where copy_number = 1

),

{% if not several_call_sources() -%}
shared_requests as (

    select utc_day, source_name, request_id
    from records
    where request_id is not null
    group by utc_day, source_name, request_id
    having count(*) > 1

),

{% endif -%}
calls as (

    select records.*
    from records
    {% if not several_call_sources() -%}
    left join shared_requests
        on records.utc_day = shared_requests.utc_day
        and records.source_name = shared_requests.source_name
        and records.request_id = shared_requests.request_id
    where (records.cached_hit is null and records.provider_response_id is not null)
        or records.operation = 'execute_tool'
        or records.is_restated
        or shared_requests.request_id is not null
    {%- endif %}

),

sources as (

    select
        *,
        row_number() over (order by precedence, source_name) as source_rank
    from {{ ref("stg_lake__call_sources") }}

),

final as (

    select
        calls.utc_day,
        calls.source_name,
        calls.call_id,
        sources.source_rank,
        calls.request_id,
        calls.provider_response_id,
        calls.parent_call_id,
        calls.service_tier = 'batch' as is_batch,
        calls.same_call,
        calls.is_restated,
        calls.restated_day,
        calls.restated_call,
        calls.restates_one_call,
        matches.model_id,
        lower(calls.request_model) as asked_model,
        calls.status = 'error' as is_error,
        calls.cached_hit,
        calls.started_at,
        calls.ended_at,
        {{ input_tokens("calls") }} as input_tokens,
        calls.output_tokens
    from calls
    inner join sources on calls.source_name = sources.source_name
    left join {{ ref("stg_prices__model_matches") }} as matches
        on calls.provider is not distinct from matches.provider
        and coalesce(calls.response_model, calls.request_model) = matches.model
        and calls.started_at >= matches.valid_from
        and calls.started_at < matches.valid_to

)

select * from final
