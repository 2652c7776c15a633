{#-
    Steps of `int_calls_matched_by_id`: `restated_batches`, records in which a gateway sums up a
    whole batch whose requests another source has, each naming the batch as what caused it; with the
    first of the requests as what counts instead. Rule: DECISIONS.md, `duplicates_dropped`.
-#}
{% macro restated_batch_steps(calls) -%}
batches as (

    select
        parent_call_id as batch_id,
        source_name as kept_source_name,
        any_value(source_rank) as kept_source_rank,
        arg_min(utc_day, (started_at, call_id)) as kept_utc_day,
        arg_min(call_id, (started_at, call_id)) as kept_call_id,
        sum(input_tokens) as input_tokens,
        sum(output_tokens) as output_tokens
    from {{ calls }}
    where parent_call_id is not null and is_batch
    group by parent_call_id, source_name

),

restated_batches as (

    select
        whole.*,
        batches.kept_utc_day,
        batches.kept_source_name,
        batches.kept_call_id,
        batches.kept_source_rank,
        'restated usage' as rule,
        4 as strength
    from {{ calls }} as whole
    inner join batches
        on whole.provider_response_id = batches.batch_id
        and whole.source_name <> batches.kept_source_name
        and whole.input_tokens = batches.input_tokens
        and whole.output_tokens = batches.output_tokens

),
{%- endmacro %}
