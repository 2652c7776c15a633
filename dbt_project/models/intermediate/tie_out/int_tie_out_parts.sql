{#-
    The gap of every cell, charge minus estimate, as parts that sum to it. Quantity before price:
    with tokens on both sides, what differs in tokens is valued at the estimate's own price, and
    what is left of the list cost is the price. Rule and example: DECISIONS.md, `Causes of a gap`.
-#}
with cells as (

    select
        *,
        coalesce(estimate_usd, 0) as known_usd,
        case when token_class is null then 'all' when token_class like 'output%' then 'output'
            else 'input' end as direction,
        -- a model that nobody knows may be one of those that only calls name
        not coalesce(is_model_known, true) and sum(calls) over cell = 0 as is_unmapped
    from {{ ref("int_tie_out_cells") }}
    window cell as (partition by utc_day, provider, model_id, account)

),

counted as (

    select
        *,
        case when not is_unmapped then billed_tokens - seen_tokens end as token_gap,
        list_usd - known_usd as list_gap_usd,
        -- whole cents may be off by half a cent a line, finer amounts by a millionth of a dollar
        charge_lines * case when list_usd = round(list_usd, 2)
            then {{ tie_out_limit("rounding_usd") }} else 0.000001 end as rounding_limit_usd
    from cells

),

valued as (

    select
        *,
        -- nothing seen has no price of its own: what is billed is all quantity
        case when token_gap is not null and seen_tokens = 0 then list_gap_usd
            else {{ proportion("known_usd", "token_gap", "seen_tokens") }} end as quantity_usd,
        sum(greatest(token_gap, 0)) over side as tokens_above,
        sum(greatest(-token_gap, 0)) over side as tokens_below,
        sum(unpriced_tokens) over side as tokens_unpriced
    from counted
    window side as (partition by utc_day, provider, model_id, account, direction)

),

metered as (

    -- too few tokens in one class, too many in another of the same direction: they changed class
    select
        *,
        coalesce({{ proportion(
            "quantity_usd", "least(tokens_above, tokens_below)",
            "case when token_gap > 0 then tokens_above when token_gap < 0 then tokens_below end"
        ) }}, 0) as token_class_usd
    from valued

),

split as (

    select
        *,
        quantity_usd - token_class_usd as net_usd,
        list_gap_usd - quantity_usd as list_price_usd,
        coalesce({{ proportion(
            "(quantity_usd - token_class_usd)",
            "least(tokens_unpriced, tokens_above - tokens_below)",
            "case when token_gap > 0 and tokens_above > tokens_below"
            " then tokens_above - tokens_below end"
        ) }}, 0) as counted_unpriced_usd
    from metered

),

final as (

    select
        * exclude (known_usd, direction, list_gap_usd, token_gap, quantity_usd, tokens_above,
            tokens_below, tokens_unpriced, rounding_limit_usd, token_class_usd, net_usd,
            list_price_usd, counted_unpriced_usd, is_unmapped),
        case
            when not is_billed or is_unmapped then 0
            when token_gap is null and known_usd = 0 and tokens_unpriced = 0 then list_gap_usd
            when net_usd > 0 then net_usd - counted_unpriced_usd
            else 0
        end as off_gateway_usd,
        case when not is_billed then -known_usd when net_usd < 0 then net_usd else 0 end
            as missing_charge_usd,
        token_class_usd,
        case when abs(list_price_usd) > rounding_limit_usd
            then list_price_usd else 0 end as price_usd,
        case when is_billed then charge_usd - list_usd else 0 end as discount_usd,
        case
            when not is_billed or is_unmapped then 0
            when token_gap is null and known_usd = 0 and tokens_unpriced > 0 then list_gap_usd
            else counted_unpriced_usd
        end as unpriced_usd,
        case
            when abs(list_price_usd) <= rounding_limit_usd
                then list_price_usd
            when is_billed and token_gap is null
                and abs(list_gap_usd) <= known_usd * {{ tie_out_limit("tolerance") }}
                then list_gap_usd
            else 0
        end as rounding_usd,
        case
            when is_unmapped then list_gap_usd
            when is_billed and token_gap is null and known_usd <> 0
                and abs(list_gap_usd) > known_usd * {{ tie_out_limit("tolerance") }}
                then list_gap_usd
            else 0
        end as unexplained_usd
    from split

)

select * from final
