{#-
    Calls and bill side by side, in the finest cell that both share: provider, UTC day, model, the
    account where every call of the provider's day names one, and the token class as far as the bill
    splits it. Rule: DECISIONS.md, `Tie-out cell`.
-#}
{%- set key = "utc_day, provider, model_id, account" %}

with sides as (

    select * from {{ ref("int_tie_out_sides") }}

),

placed as (

    -- the account counts where every call of the provider's day names one
    select
        *,
        case when bool_and(sub_account_id is not null or calls = 0) over by_day
            and sum(calls) over by_day > 0 then coalesce(sub_account_id, 'default') end as account
    from sides
    window by_day as (partition by utc_day, provider)

),

graded as (

    select
        *,
        sum(charge_lines) over cell as cell_lines,
        bool_or(charge_lines > 0 and token_class is null) over cell as is_unsplit,
        bool_or(charge_lines > 0 and token_class = 'input') over cell as is_split_by_side,
        bool_or(token_class = 'cache_write_other'
            and (charge_lines > 0 or seen_tokens > 0)) over cell as has_other_writes
    from placed
    window cell as (partition by {{ key }})

),

classed as (

    select
        * replace (
            case
                when cell_lines = 0 or is_unsplit then null
                when is_split_by_side and token_class like 'output%' then 'output'
                when is_split_by_side and token_class is not null then 'input'
                when has_other_writes and token_class like 'cache_write%' then 'cache_write'
                else token_class
            end as token_class
        )
    from graded

),

summed as (

    select
        {{ key }},
        token_class,
        bool_and(is_model_known) as is_model_known,
        sum(calls) as calls,
        sum(unpriced_calls) as unpriced_calls,
        sum(estimate_usd) as estimate_usd,
        sum(seen_tokens) as seen_tokens,
        sum(unpriced_tokens) as unpriced_tokens,
        sum(charge_lines) as charge_lines,
        sum(charge_usd) as charge_usd,
        sum(list_usd) as list_usd,
        sum(billed_tokens) as billed_tokens,
        bool_and(charge_lines = 0 or billed_tokens is not null) as is_counted,
        sum(reported_tokens) as reported_tokens
    from classed
    group by {{ key }}, token_class

),

judged as (

    select
        *,
        sum(charge_lines) over cell > 0 as is_billed,
        bool_and(is_counted) over cell as is_counted_by_bill,
        sum(reported_tokens) over cell is not null as is_in_usage_report
    from summed
    window cell as (partition by {{ key }})

),

final as (

    select
        {{ key }},
        token_class,
        is_model_known,
        is_billed,
        {{ as_count("calls") }} as calls,
        {{ as_count("unpriced_calls") }} as unpriced_calls,
        {{ as_count("charge_lines") }} as charge_lines,
        cast(estimate_usd as decimal(28, 9)) as estimate_usd,
        case when is_billed then cast(coalesce(charge_usd, 0) as decimal(28, 12)) end
            as charge_usd,
        case when is_billed then cast(coalesce(list_usd, 0) as decimal(28, 12)) end as list_usd,
        {{ as_count("coalesce(seen_tokens, 0)") }} as seen_tokens,
        {{ as_count("coalesce(unpriced_tokens, 0)") }} as unpriced_tokens,
        -- the bill's own count, else that of the provider's usage report
        {{ as_count("case when not is_billed then null
            when is_counted_by_bill then coalesce(billed_tokens, 0)
            when is_in_usage_report then coalesce(reported_tokens, 0) end") }} as billed_tokens
    from judged
    where charge_lines > 0 or calls > 0 or coalesce(seen_tokens, 0) > 0
        or coalesce(unpriced_tokens, 0) > 0 or coalesce(estimate_usd, 0) <> 0

)

select * from final
