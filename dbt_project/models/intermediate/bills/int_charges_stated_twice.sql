{#-
    Charges that two current deliveries state: of one account, day and thing, in two lone files of a
    FOCUS source; of one account and day, in two sources. Usually empty.
-#}
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        on_schema_change="fail",
        pre_hook="{{ delete_changed_days(['billing_charges']) }}",
    )
}}

with lines as (

    select * from {{ ref("int_charge_versions") }}
    where is_current
        and charge_category = 'Usage'
        and charge_class is null
        and billed_cost <> 0
        and {{ only_changed_days(["billing_charges"]) }}

),

files as (

    select * from {{ ref("stg_lake__files") }} where status = 'loaded'

),

charges as (

    select
        lines.utc_day,
        lines.source_name,
        lines.source_file,
        coalesce(files.format = 'focus', false) as is_focus,
        coalesce(lines.x_delivery, lines.source_file) as delivery,
        coalesce(lines.x_provider, lines.provider_name) as provider,
        coalesce(lines.billing_account_id, '') as account,
        coalesce(lines.sub_account_id, '') as sub_account,
        coalesce(lines.x_model, lines.sku_id, lines.service_name, '') || ' '
        || coalesce(lines.resource_id, '') as thing,
        lines.billing_currency,
        lines.billed_cost
    from lines
    left join files
        on lines.source_name = files.source_name and lines.source_file = files.source_file

),

sides as (

    -- lone files of one source may each state a part of a day: only the same thing is stated twice
    select *, 'files' as among from charges where is_focus
    union all by name
    -- without an account nothing says that it is the same one
    select * replace (source_name as delivery, '' as thing), 'sources' as among
    from charges where account <> ''

),

summed as (

    select
        among, utc_day, provider, account, sub_account, thing, billing_currency,
        source_name, delivery, min(source_file) as source_file, sum(billed_cost) as billed_cost
    from sides
    group by
        among, utc_day, provider, account, sub_account, thing, billing_currency, source_name,
        delivery

),

pairs as (

    select
        one.*,
        another.source_name || '/' || another.source_file as another_file,
        another.billed_cost as another_cost
    from summed as one
    inner join summed as another
        on one.among = another.among
        and one.utc_day = another.utc_day
        and one.provider = another.provider
        and one.account = another.account
        and one.sub_account = another.sub_account
        and one.thing = another.thing
        and one.billing_currency = another.billing_currency
        and one.delivery < another.delivery
        and (one.among = 'sources') = (one.source_name <> another.source_name)

),

final as (

    select
        utc_day,
        provider,
        account,
        billing_currency,
        source_name || '/' || source_file as one_file,
        another_file,
        cast(sum(billed_cost) as decimal(28, 12)) as one_cost,
        cast(sum(another_cost) as decimal(28, 12)) as another_cost
    from pairs
    group by utc_day, provider, account, billing_currency, source_name, source_file, another_file

)

select * from final
