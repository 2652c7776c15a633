{#-
    Calls that name no feature, or no tenant, with the owner to ask: the team tag of the key, else
    the feature that spends most with the same key. Definition: DECISIONS.md, `likely_owner`.
-#}
{{ config(materialized="table") }}

with usage as (

    select *, {{ month_of("utc_day") }} as month from {{ ref("fct_key_usage_daily") }}

),

owners as (

    select
        source_name,
        api_key_id,
        arg_max(feature, (estimate_usd, feature)) as likely_feature
    from (
        select source_name, api_key_id, feature, sum(estimate_usd) as estimate_usd
        from usage
        where api_key_id is not null and feature is not null
        group by source_name, api_key_id, feature
    ) as spenders
    where estimate_usd > 0
    group by source_name, api_key_id

),

untagged as (

    {% for dimension, column in [("feature", "feature"), ("tenant", "tenant_id")] -%}
    select
        month,
        '{{ dimension }}' as dimension,
        source_name,
        api_key_id,
        team_tag,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(estimate_usd) as estimate_usd
    from usage
    where {{ column }} is null
    group by month, source_name, api_key_id, team_tag
    {{ "union all" if not loop.last }}
    {% endfor %}
),

final as (

    select
        untagged.month,
        untagged.dimension,
        untagged.source_name,
        untagged.api_key_id,
        untagged.team_tag,
        coalesce(untagged.team_tag, owners.likely_feature) as likely_owner,
        {{ as_count("untagged.calls") }} as calls,
        {{ as_count("untagged.unpriced_calls") }} as unpriced_calls,
        cast(untagged.estimate_usd as decimal(28, 9)) as estimate_usd
    from untagged
    left join owners
        on untagged.source_name = owners.source_name
        and untagged.api_key_id = owners.api_key_id

)

select * from final
