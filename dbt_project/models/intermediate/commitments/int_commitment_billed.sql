{#- What a day's bill lines say of each commitment: cash, consumption, use, and tokens. -#}
{{ config(materialized="ephemeral") }}

{%- set usage = "charge_category = 'Usage'" %}
{%- set used = usage ~ " and commitment_discount_status is distinct from 'Unused'" %}
{#- AWS states the idle part as what its recurring fee costs beside what usage took of it #}
{%- set unused = "commitment_discount_status = 'Unused'" %}

with lines as (

    select
        *,
        -- a commitment's use that costs no cash costs something all the same
        case when commitment_discount_id is null or charge_usd <> 0 then charge_usd end
            as charge_without_effective_usd,
        -- consumption is spread over the days of its line; cash stands where the line stands
        case when {{ usage }} or {{ unused }} then greatest(1, least(
            -- a day begun is a day: AWS ends a month at 23:59:59
            coalesce((date_diff('second', charge_period_start, charge_period_end) + 86399)
                // 86400, 1),
            coalesce(valid_to - utc_day, 4000)
        )) else 1 end as days
    from {{ ref("int_commitment_lines") }}

),

final as (

    select
        utc_day,
        commitment,
        valid_from,
        days as period_days,
        min(provider) as provider,
        min(cast(charge_period_start as date)) filter (charge_category = 'Purchase')
            as bought_from,
        max(cast(charge_period_end as date)) filter (charge_category = 'Purchase') as bought_until,
        sum(charge_usd) as billed_usd,
        sum(charge_usd) filter (charge_category = 'Purchase') as purchased_usd,
        {{ sum_if_all_known("effective_usd") }} as effective_usd,
        {{ sum_if_all_known("effective_usd", used) }} as used_usd,
        {{ sum_if_all_known("effective_usd", unused) }} as unused_usd,
        {{ sum_if_all_known("case when charge_category = 'Credit' then -charge_usd when "
            ~ usage ~ " then coalesce(effective_usd, charge_without_effective_usd) when " ~ unused
            ~ " then effective_usd else 0 end") }} as drawn_usd,
        {{ sum_if_all_known("list_usd", used) }} as on_demand_usd,
        sum(consumed_quantity) filter ({{ used }}) as used_quantity,
        {{ as_count("sum(consumed_quantity) filter (" ~ used ~ " and consumed_unit = 'Tokens')") }}
            as tokens
    from lines
    group by utc_day, commitment, valid_from, days

)

select * from final
