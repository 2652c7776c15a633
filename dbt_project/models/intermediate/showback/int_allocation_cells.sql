{#-
    What is to be given to somebody: every cell of the tie-out, and every line of a bill that ties
    to no call. The part of a cell's charge that its calls explain is spread over them; the rest is
    kept apart by its reason. Rule and worked example: DECISIONS.md, `Allocated charge`.
-#}

with tied as (

    select
        *,
        coalesce(sum(estimate_usd) over model_day, 0) as model_day_usd,
        sum(off_gateway_usd + greatest(unexplained_usd, 0) + unpriced_usd) over model_day
            as above_usd
    from {{ ref("fct_tie_out_cells") }}
    where is_compared and charge_usd is not null and {{ in_allocated_days() }}
    window model_day as (partition by utc_day, provider, model_id, account)

),

judged as (

    -- within the tolerance the calls explain the whole charge, below it too: a discount
    select
        *,
        model_day_usd > 0 as is_matched,
        case
            when model_day_usd > 0
                and above_usd <= model_day_usd * {{ tie_out_limit("tolerance") }} then 0
            when model_day_usd > 0
                then off_gateway_usd + greatest(unexplained_usd, 0) + unpriced_usd
        end as apart_list_usd
    from tied

),

compared as (

    select
        *,
        -- what is kept apart, at what was paid for it; without calls that is all, to the last digit
        case when not is_matched then charge_usd
            when charge_usd = list_usd then apart_list_usd
            else coalesce({{ proportion(
                "apart_list_usd", "charge_usd * 1000000000", "list_usd * 1000000000"
            ) }}, 0) end as apart_usd
    from judged

),

others as (

    select utc_day, provider, model_id, line, sum(charge_usd) as charge_usd
    from {{ ref("fct_charges_daily") }}
    where charge_usd is not null
        -- what a rule claims is spread by it, over the month
        and allocation_rule is null
        and {{ ties_to_no_call() }}
        and {{ in_allocated_days() }}
    group by utc_day, provider, model_id, line

),

final as (

    select
        utc_day,
        provider,
        model_id,
        account,
        token_class,
        line,
        is_matched,
        charge_usd,
        estimate_usd,
        cast(charge_usd - apart_usd as decimal(28, 12)) as explained_usd,
        cast(case when apart_usd = 0 then 0 else least(unpriced_usd, apart_usd) end
            as decimal(28, 12)) as unpriced_usd
    from compared

    union all

    select
        utc_day,
        provider,
        model_id,
        cast(null as varchar) as account,
        cast(null as varchar) as token_class,
        line,
        false as is_matched,
        cast(charge_usd as decimal(28, 12)) as charge_usd,
        cast(null as decimal(28, 9)) as estimate_usd,
        cast(0 as decimal(28, 12)) as explained_usd,
        cast(0 as decimal(28, 12)) as unpriced_usd
    from others

)

select * from final
