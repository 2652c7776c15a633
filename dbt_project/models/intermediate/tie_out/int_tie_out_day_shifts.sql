{#-
    Usage that a bill shows on the day after or before that of its calls: what one day's bill lacks
    and its neighbour's has too much of. A lack is looked for on the day after first; days that no
    bill covers yet take no part.
-#}
with billed_until as (

    select provider, max(utc_day) as last_billed_day
    from {{ ref("fct_charges_daily") }}
    group by provider

),

days as (

    select
        parts.provider,
        parts.model_id,
        parts.account,
        parts.utc_day,
        cast(sum(parts.off_gateway_usd) as decimal(28, 12)) as above_usd,
        cast(-sum(parts.missing_charge_usd) as decimal(28, 12)) as below_usd
    from {{ ref("int_tie_out_parts") }} as parts
    inner join billed_until
        on parts.provider = billed_until.provider
        and parts.utc_day <= billed_until.last_billed_day
    group by parts.provider, parts.model_id, parts.account, parts.utc_day

),

late as (

    select
        *,
        case when lead(utc_day) over series = utc_day + 1
            then {{ worth_moving("least(below_usd, lead(above_usd) over series)") }}
            else 0 end as late_usd
    from days
    window series as (partition by provider, model_id, account order by utc_day asc)

),

after_late as (

    select
        *,
        case when lag(utc_day) over series = utc_day - 1 then lag(late_usd) over series else 0 end
            as late_before_usd
    from late
    window series as (partition by provider, model_id, account order by utc_day asc)

),

early as (

    select
        *,
        case when lead(utc_day) over series = utc_day + 1
            then {{ worth_moving(
                "least(above_usd - late_before_usd,"
                " lead(below_usd) over series - lead(late_usd) over series)"
            ) }} else 0 end as early_usd
    from after_late
    window series as (partition by provider, model_id, account order by utc_day asc)

),

final as (

    select
        provider,
        model_id,
        account,
        utc_day,
        above_usd,
        below_usd,
        late_before_usd + early_usd as above_moved_usd,
        late_usd + case when lag(utc_day) over series = utc_day - 1
            then lag(early_usd) over series else 0 end as below_moved_usd
    from early
    window series as (partition by provider, model_id, account order by utc_day asc)

)

select * from final
where above_moved_usd <> 0 or below_moved_usd <> 0
