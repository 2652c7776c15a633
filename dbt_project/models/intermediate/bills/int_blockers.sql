{#-
    Rows of bills that must not be published as they are: `outlay run` stops at them. A corrected
    delivery, or a row that the workspace adds, computes their day again and they are gone.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        on_schema_change="fail",
        pre_hook="{{ delete_changed_days(['billing_charges']) }}",
    )
}}

with charges as (

    select * from {{ ref("fct_charges") }} where {{ only_changed_days(["billing_charges"]) }}

),

invoiced_without_period as (

    select
        utc_day,
        'invoice without a billing period' as blocker,
        source_name,
        source_file,
        source_line,
        case when billing_period_start is null then 'billing_period_start'
            else 'billing_period_end' end as field,
        'is missing on a line that names its invoice: deliver the file again with the period that'
        || ' the invoice covers' as reason
    from charges
    where invoice_id is not null
        and (billing_period_start is null or billing_period_end is null)

),

without_rate as (

    select
        charges.utc_day,
        'charge without an exchange rate' as blocker,
        charges.source_name,
        charges.source_file,
        charges.source_line,
        'billing_currency' as field,
        'no rate of ' || charges.billing_currency || ' holds on '
        || cast(charges.utc_day as varchar) || ': add to config/fx_rates.csv the row '
        || charges.billing_currency || ',' || cast(charges.utc_day as varchar)
        || ',<US dollars for one ' || charges.billing_currency || '>,<who says so>' as reason
    from charges
    inner join {{ ref("stg_fx__currencies") }} as currencies
        on charges.billing_currency = currencies.currency
    where charges.fx_rate is null

),

final as (

    select * from invoiced_without_period
    union all
    select * from without_rate

)

select * from final
