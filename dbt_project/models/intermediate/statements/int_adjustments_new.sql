{#-
    What this build would charge a closed month, less what was charged and adjusted before. A run
    writes it beside the close, and the next build finds it among `stg_closes__adjustments`.
-#}
with closes as (

    select *, max(month) over () as last_month
    from {{ ref("stg_closes__months") }}
    where is_current

),

booked as (

    select * from {{ ref("stg_closes__adjustments") }}

),

parts as (

    select month as original_month, {{ showback_grain() | join(", ") }}, charge_usd
    from {{ ref("fct_showback") }}
    where month in (select month from closes)
    union all
    select original_month, {{ showback_grain() | join(", ") }}, -charge_usd as charge_usd
    from {{ ref("stg_closes__chargeback") }}
    where original_month = month
    union all
    select original_month, {{ showback_grain() | join(", ") }}, -charge_usd as charge_usd
    from booked

),

differences as (

    select original_month, {{ showback_grain() | join(", ") }}, sum(charge_usd) as charge_usd
    from parts
    group by all
    having sum(charge_usd) <> 0

),

restated as (

    -- a provider's total of a month moves only with its bill
    select
        *,
        sum(charge_usd) over (partition by original_month, provider) <> 0 as is_bill_restated
    from differences

),

changes as (

    select
        month,
        cause in ('restated bill', 'changed exchange rate') as is_about_bills,
        cause,
        string_agg(detail, ', ' order by detail) as detail
    from {{ ref("stg_closes__changes") }}
    group by all

),

causes as (

    select
        restated.original_month,
        restated.provider,
        string_agg(distinct changes.cause, ', ' order by changes.cause) as cause,
        string_agg(distinct changes.cause || ': ' || changes.detail, '; '
            order by changes.cause || ': ' || changes.detail) as detail
    from restated
    inner join changes
        on restated.original_month = changes.month
        and (restated.is_bill_restated or not changes.is_about_bills)
    group by restated.original_month, restated.provider

),

noticed as (

    select original_month, max(notice_number) as notice_number from booked group by original_month

),

final as (

    select
        restated.original_month,
        closes.close_number,
        {{ as_count("coalesce(noticed.notice_number, 0) + 1") }} as notice_number,
        run.as_of_day as noticed_on,
        cast(closes.last_month + interval 1 month as date) as booked_month,
        {% for column in showback_grain() %}restated.{{ column }}, {% endfor %}
        cast(restated.charge_usd as decimal(28, 12)) as charge_usd,
        coalesce(causes.cause, 'not known') as cause,
        causes.detail
    from restated
    inner join closes on restated.original_month = closes.month
    cross join {{ ref("stg_lake__run_context") }} as run
    left join noticed on restated.original_month = noticed.original_month
    left join causes
        on restated.original_month = causes.original_month
        and restated.provider is not distinct from causes.provider

)

select * from final
