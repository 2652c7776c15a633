{#-
    Whose a call is, by the workspace's rules on top of what its record says. A condition reads what
    the record says, never what another rule set. Definition: DECISIONS.md, `attribution_rule`.
-#}
{{ config(materialized="ephemeral") }}

{%- set rules = attribution_rules() %}

with calls as (

    select * from {{ ref("int_calls_cache_hits_inferred") }}

),

ruled as (

    select
        * {{ with_attribution(rules) }},
        {{ first_rule_that_fits(rules) }} as attribution_rule,
        feature as stated_feature,
        tenant_id as stated_tenant_id
    from calls

),

-- a guardrail judges, unless somebody says otherwise
final as (

    select * exclude (stated_feature, stated_tenant_id) replace (
        {% for column, stated_by in stated_by_columns().items() -%}
        case when {{ column }} is distinct from stated_{{ column }} then 'rule'
            else {{ stated_by }} end as {{ stated_by }},
        {% endfor -%}
        case when operation = 'guardrail' and traffic_class is null then 'evaluation'
            else traffic_class end as traffic_class
    )
    from ruled

)

select * from final
