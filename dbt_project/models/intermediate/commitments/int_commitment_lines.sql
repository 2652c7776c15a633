{#-
    Bill lines of commitments, in the days of this run: those that bills state themselves, and those
    that the workspace's matches cover. One line may draw on several commitments.
-#}
{{ config(materialized="ephemeral") }}

{%- set terms = commitment_terms() %}

with charges as (

    select
        *,
        {{ in_usd("list_cost") }} as list_usd,
        -- what a line is of: other lines of the same could have been covered, too
        {{ eligible_as() }} as eligible_as
    from {{ ref("fct_charges") }}
    where {{ in_commitment_days() }}

),

of_no_term as (

    -- stated by bills only, or outside of the terms that the workspace knows
    select
        commitment_discount_id as commitment,
        cast(null as date) as valid_from,
        cast(null as date) as valid_to,
        *
    from charges
    where
        commitment_discount_id is not null
        {%- for term in terms %}
        and not (commitment_discount_id = {{ term.name }} and {{ in_term(term) }})
        {%- endfor %}

),

final as (

    select * from of_no_term
    {%- for term in terms %}
    union all
    select
        {{ term.name }} as commitment,
        {{ term.valid_from }} as valid_from,
        {{ term.valid_to }} as valid_to,
        *
    from charges
    where {{ in_term(term) }} and {{ is_line_of(term) }}
    {%- endfor %}

)

select * from final
