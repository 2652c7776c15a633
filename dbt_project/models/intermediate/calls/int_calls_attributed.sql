{#-
    Whose a call is, by the workspace's rules on top of what its record says. A condition reads what
    the record says, never what another rule set. Definition: DECISIONS.md, `attribution_rule`.
-#}
{{ config(materialized="ephemeral") }}

{%- set rules = attribution_rules() %}

with calls as (

    select * from {{ ref("int_calls_cache_hits_inferred") }}

),

final as (

    select
        * {{ with_attribution(rules) }},
        {{ first_rule_that_fits(rules) }} as attribution_rule
    from calls

)

select * from final
