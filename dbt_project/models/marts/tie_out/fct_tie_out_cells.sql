{#- Every cell of the tie-out, and what of the bill ties to no call, with the gap by cause. -#}
{%- set inputs = ["gateway_calls", "billing_charges", "billing_usage"] %}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_changed_days(
            ['gateway_calls', 'billing_charges', 'billing_usage'], around=2
        ) }}",
    )
}}

with shifted as (

    -- running shares, so that what is moved in the cells sums to what is moved in the day
    select
        parts.*,
        shifts.above_moved_usd,
        shifts.below_moved_usd,
        shifts.above_usd,
        shifts.below_usd,
        sum(parts.off_gateway_usd) over so_far as above_so_far,
        sum(-parts.missing_charge_usd) over so_far as below_so_far
    from {{ ref("int_tie_out_parts") }} as parts
    left join {{ ref("int_tie_out_day_shifts") }} as shifts
        on parts.utc_day = shifts.utc_day
        and parts.provider = shifts.provider
        and parts.model_id is not distinct from shifts.model_id
        and parts.account is not distinct from shifts.account
    where {{ only_changed_days(inputs, column="parts.utc_day", around=2) }}
    window so_far as (
        partition by parts.utc_day, parts.provider, parts.model_id, parts.account
        order by parts.token_class asc nulls first
        rows between unbounded preceding and current row
    )

),

moved as (

    select
        *,
        {{ running_part("above_moved_usd", "above_so_far", "off_gateway_usd", "above_usd") }}
            as above,
        {{ running_part("below_moved_usd", "below_so_far", "-missing_charge_usd", "below_usd") }}
            as below
    from shifted

),

others as (

    select
        utc_day, provider, model_id, line,
        sum(charge_lines) as charge_lines,
        sum(charge_usd) as charge_usd
    from {{ ref("fct_charges_daily") }}
    where {{ only_changed_days(inputs, around=2) }}
        and charge_usd is not null
        and ({{ ties_to_no_call() }} or allocation_rule is not null)
    group by utc_day, provider, model_id, line

),

cells as (

    select
        * exclude (off_gateway_usd, missing_charge_usd, above_moved_usd, below_moved_usd, above_usd,
            below_usd, above_so_far, below_so_far, above, below),
        'usage' as line,
        true as is_compared,
        off_gateway_usd - above as off_gateway_usd,
        missing_charge_usd + below as missing_charge_usd,
        above - below as day_shift_usd,
        cast(0 as decimal(28, 12)) as other_charges_usd
    from moved

    union all by name

    select
        utc_day, provider, model_id, line,
        false as is_compared,
        true as is_billed,
        charge_lines, charge_usd,
        case when line = 'credit' then charge_usd else 0 end as discount_usd,
        case when line = 'credit' then 0 else charge_usd end as other_charges_usd
    from others

),

final as (

    select
        utc_day,
        {{ month_of("utc_day") }} as month,
        provider,
        model_id,
        account,
        token_class,
        line,
        is_compared,
        is_model_known,
        is_billed,
        {{ as_count("coalesce(calls, 0)") }} as calls,
        {{ as_count("coalesce(unpriced_calls, 0)") }} as unpriced_calls,
        {% for c in ["charge_lines", "seen_tokens", "unpriced_tokens", "billed_tokens"] -%}
        {{ as_count(c) }} as {{ c }},
        {% endfor -%}
        cast(estimate_usd as decimal(28, 9)) as estimate_usd,
        {% for c in ["charge_usd", "list_usd"] -%}
        cast({{ c }} as decimal(28, 12)) as {{ c }},
        {% endfor -%}
        {% for c in gap_causes() -%}
        cast(coalesce({{ c }}_usd, 0) as decimal(28, 12)) as {{ c }}_usd{{ "," if not loop.last }}
        {% endfor %}
    from cells

)

select *, {{ former_gap_causes() }} from final
