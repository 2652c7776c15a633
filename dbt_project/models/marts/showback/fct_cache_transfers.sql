{#-
    What readers of a prefix cache owe its writers: of each group that shares one, the premium on
    writes spread over the tokens that were read. Net positions are settled in the order of names,
    so that there are fewer transfers than members. Rule: DECISIONS.md, `cache sharing`.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(allocation_inputs(), around=2) }}",
    )
}}

{%- set group = ["utc_day", "provider", "model_id", "prompt_version"] %}
{%- set member = ["feature", "tenant_id", "team_tag"] %}

with members as (

    select * from {{ ref("int_cache_premiums") }}

),

readers as (

    select
        *,
        cache_read_tokens as weight,
        cast(sum(premium_usd) over (partition by {{ group | join(", ") }}) as decimal(28, 12))
            as amount_usd
    from members
    qualify sum(cache_read_tokens) over (partition by {{ group | join(", ") }}) > 0

),

net as (

    select
        {{ (group + member) | join(", ") }},
        share_usd - premium_usd as owed_usd,
        sum(abs(share_usd - premium_usd)) over (
            partition by {{ group | join(", ") }}, share_usd > premium_usd
            order by {{ member | join(", ") }}
        ) as upto_usd
    from {{ largest_remainder("readers", group, member) }} as shares
    where share_usd <> premium_usd

),

final as (

    select
        payers.utc_day,
        payers.provider,
        payers.model_id,
        payers.prompt_version,
        payers.feature as from_feature,
        payers.tenant_id as from_tenant_id,
        payers.team_tag as from_team_tag,
        writers.feature as to_feature,
        writers.tenant_id as to_tenant_id,
        writers.team_tag as to_team_tag,
        cast(
            least(payers.upto_usd, writers.upto_usd)
            - greatest(payers.upto_usd - payers.owed_usd, writers.upto_usd + writers.owed_usd)
            as decimal(28, 12)
        ) as transfer_usd,
        {{ "false" if var("cache_sharing") == "off" else "true" }} as is_settled
    from net as payers
    inner join net as writers
        on payers.utc_day = writers.utc_day
        and payers.provider = writers.provider
        and payers.model_id = writers.model_id
        and payers.prompt_version is not distinct from writers.prompt_version
        and payers.upto_usd > writers.upto_usd + writers.owed_usd
        and writers.upto_usd > payers.upto_usd - payers.owed_usd
    where payers.owed_usd > 0 and writers.owed_usd < 0

)

select * from final
