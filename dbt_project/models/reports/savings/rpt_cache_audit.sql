{#- What is wrong with how a gateway's cache keeps and shares answers, by month and feature. -#}
{{ config(materialized="view") }}

{%- set findings = ["cross_tenant", "no_lifetime", "unencrypted", "stale"] %}
with hits as (

    select
        {{ month_of("call_date") }} as month,
        feature,
        layer,
        sum(hits) as hits,
        {% for finding in findings -%}
        sum({{ finding }}_hits) as {{ finding }}_hits,
        sum({{ finding }}_unstated_hits) as {{ finding }}_unstated_hits,
        {% endfor -%}
        max(longest_lag_minutes) as longest_lag_minutes
    from {{ ref("fct_cache_audit_daily") }}
    where hits > 0
    group by {{ month_of("call_date") }}, feature, layer

),

findings as (

    {% for finding in findings -%}
    select
        month,
        feature,
        layer,
        '{{ finding }}' as finding,
        hits,
        {{ finding }}_hits as found_hits,
        {{ finding }}_unstated_hits as unstated_hits,
        {{ "longest_lag_minutes" if finding == "stale" else "cast(null as bigint)" }}
            as longest_lag_minutes
    from hits
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        findings.month,
        findings.feature,
        findings.layer,
        findings.finding,
        {{ as_count("findings.hits") }} as hits,
        {{ as_count("findings.found_hits") }} as found_hits,
        {{ as_count("findings.unstated_hits") }} as unstated_hits,
        {{ ratio("findings.found_hits", "findings.hits - findings.unstated_hits") }}
            as found_ratio,
        findings.longest_lag_minutes,
        {{ owner_name() }} as owner
    from findings
    {{ join_owners("'response_cache'", "findings.feature") }}

)

select * from final
