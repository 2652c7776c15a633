{#-
    The roll-up of answers that a gateway's cache gave again: for whom they had been made, and how
    the cache keeps them. Rules: DECISIONS.md, `finding`.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(['gateway_calls']) }}",
    )
}}

with hits as (

    select
        *,
        case
            when cache_key_scope = 'shared' then false
            else cache_source_tenant_id <> tenant_id
        end as is_cross_tenant
    from {{ ref("fct_calls") }}
    where {{ only_changed_days(["gateway_calls"]) }} and cached_hit

),

final as (

    select
        utc_day,
        call_date,
        feature,
        coalesce(cache_layer, 'unstated') as layer,
        {{ as_count("count(*)") }} as hits,
        {% for finding, test in {
            "cross_tenant": "is_cross_tenant",
            "no_lifetime": "cache_ttl_seconds = 0",
            "unencrypted": "not is_cache_encrypted",
        }.items() -%}
        {{ as_count("count(*) filter (where " ~ test ~ ")") }} as {{ finding }}_hits,
        {{ as_count("count(*) filter (where (" ~ test ~ ") is null)") }}
            as {{ finding }}_unstated_hits{{ "," if not loop.last }}
        {% endfor %}
    from hits
    group by utc_day, call_date, feature, coalesce(cache_layer, 'unstated')

)

select * from final
