{#- The roll-up that tells who uses a key, so that untagged calls find their likely owner. -#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls']) }}",
    )
}}

with calls as (

    select * from {{ ref("fct_calls") }}
    where {{ only_changed_days(["gateway_calls"]) }}

),

final as (

    select
        utc_day,
        source_name,
        api_key_id,
        team_tag,
        feature,
        tenant_id,
        feature_stated_by,
        tenant_stated_by,
        {{ as_count("count(*)") }} as calls,
        {{ as_count("count(*) filter (where is_unpriced)") }} as unpriced_calls,
        {{ sum_usd("estimate_usd") }} as estimate_usd
    from calls
    group by utc_day, source_name, api_key_id, team_tag, feature, tenant_id,
        feature_stated_by, tenant_stated_by

)

select * from final
