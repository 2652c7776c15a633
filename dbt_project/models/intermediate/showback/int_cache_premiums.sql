{#-
    What a member's writes to a prefix cache were dearer by, as billed: its part of what the bill of
    provider, day and model gives to calls. Without a bill nobody paid it yet.
-#}
{{ config(materialized="ephemeral") }}

{%- set days = in_changed_days(allocation_inputs(), "fct_cache_transfers", around=2) %}

with caches as (

    select
        utc_day,
        provider,
        model_id,
        {{ "cast(null as varchar)" if var("cache_sharing") == "model" else "prompt_version" }}
            as prompt_version,
        feature,
        tenant_id,
        team_tag,
        cache_read_tokens,
        cast(greatest(write_premium_usd, 0) * 1000000000 as hugeint) as weight
    from {{ ref("fct_prefix_cache_daily") }}
    where {{ days }}
        {%- if var("cache_sharing") != "model" %}
        -- nothing says that calls of an unknown prompt share a prefix
        and prompt_version is not null
        {%- endif %}

),

billed as (

    select utc_day, provider, model_id, sum(charge_usd) as charge_usd
    from {{ ref("fct_allocations") }}
    where line = 'usage' and {{ days }}
    group by utc_day, provider, model_id
    having sum(charge_usd) > 0

),

estimated as (

    select
        utc_day,
        provider,
        model_id,
        cast(sum(estimate_usd) * 1000000000 as hugeint) as estimate
    from {{ ref("fct_usage_daily") }}
    where {{ days }}
    group by utc_day, provider, model_id

),

members as (

    select
        utc_day,
        provider,
        model_id,
        prompt_version,
        feature,
        tenant_id,
        team_tag,
        true as is_member,
        cast(sum(cache_read_tokens) as hugeint) as cache_read_tokens,
        cast(sum(weight) as hugeint) as weight
    from caches
    group by all

),

premiums as (

    select utc_day, provider, model_id, sum(weight) as weight from members group by all

),

-- the premiums, and all else that the calls of the cell cost
parts as (

    select members.*, billed.charge_usd as amount_usd
    from members
    inner join billed
        on members.utc_day = billed.utc_day
        and members.provider = billed.provider
        and members.model_id = billed.model_id
    union all by name
    select
        billed.utc_day,
        billed.provider,
        billed.model_id,
        false as is_member,
        cast(greatest(estimated.estimate - premiums.weight, 0) as hugeint) as weight,
        billed.charge_usd as amount_usd
    from billed
    inner join estimated
        on billed.utc_day = estimated.utc_day
        and billed.provider = estimated.provider
        and billed.model_id = estimated.model_id
    inner join premiums
        on billed.utc_day = premiums.utc_day
        and billed.provider = premiums.provider
        and billed.model_id = premiums.model_id

),

final as (

    select * exclude (is_member, weight, amount_usd, share_usd), share_usd as premium_usd
    from {{ largest_remainder(
        "parts", ["utc_day", "provider", "model_id"],
        ["is_member", "prompt_version", "feature", "tenant_id", "team_tag"]
    ) }} as shares
    where is_member

)

select * from final
