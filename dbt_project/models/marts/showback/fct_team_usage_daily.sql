{#-
    Usage by whose it is: the org tree of each day gives team and cost centre. A view, so that a
    changed tree moves no row that is kept.
-#}
{{ config(materialized="view") }}

{%- set grain = ["utc_day", "call_date"] + member_kinds().values() | list
    + ["provider", "model_id"] %}

with final as (

    select
        {{ grain | join(", ") }},
        {% for measure in ["calls", "unpriced_calls", "billable_input_tokens",
            "billable_output_tokens"] -%}
        {{ as_count("sum(" ~ measure ~ ")") }} as {{ measure }},
        {% endfor -%}
        {{ sum_usd("estimate_usd") }} as estimate_usd
    from {{ placed_in_org(ref("fct_usage_daily")) }} as placed
    group by {{ grain | join(", ") }}

)

select * from final
