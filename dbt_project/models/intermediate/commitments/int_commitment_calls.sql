{#- Tokens that calls drew from bought capacity, by model, in the days of this run. -#}
{{ config(materialized="ephemeral") }}

{%- set terms = commitment_terms() %}

with calls as (

    select
        *,
        coalesce(billable_input_tokens, 0) + coalesce(output_tokens, 0) as used_tokens
    from {{ ref("fct_calls") }}
    -- an answer from the gateway's own cache asks nothing of the provider
    where
        not cached_hit
        and {{ in_commitment_days() }}

),

covered as (

    select
        cast(null as varchar) as commitment,
        cast(null as date) as valid_from,
        *
    from calls
    where false
    {%- for term in terms if term.reads == "calls" and term.conditions %}
    union all
    select
        {{ term.name }} as commitment,
        {{ term.valid_from }} as valid_from,
        *
    from calls
    where {{ in_term(term) }} and {{ meets(term.conditions) }}
    {%- endfor %}

),

final as (

    select
        utc_day,
        commitment,
        valid_from,
        provider,
        model_id,
        {{ as_count("sum(used_tokens)") }} as tokens,
        {{ sum_if_all_known("estimate_usd") }} as on_demand_usd
    from covered
    group by utc_day, commitment, valid_from, provider, model_id

)

select * from final
