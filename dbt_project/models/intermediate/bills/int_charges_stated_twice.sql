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

with charges as (

    select
        utc_day,
        source_name,
        source_file,
        coalesce(x_delivery, source_file) as delivery,
        coalesce(x_provider, provider_name) as provider,
        coalesce(billing_account_id, '') as account,
        coalesce(sub_account_id, '') as sub_account,
        -- files of one source may each state a part of a day: only the same thing is stated twice
        coalesce(x_model, sku_id, service_name, '') || ' ' || coalesce(resource_id, '') as thing,
        billing_currency,
        billed_cost
    from {{ ref("int_charge_versions") }}
    where is_current
        and charge_category = 'Usage'
        and charge_class is null
        and billed_cost <> 0
        and {{ only_changed_days(["billing_charges"]) }}

),

focus_files as (

    select source_name, source_file from {{ ref("stg_lake__files") }}
    where status = 'loaded' and format = 'focus'

),

summed as (

    select
        charges.utc_day,
        charges.source_name,
        min(charges.source_file) as source_file,
        charges.delivery,
        charges.provider,
        charges.account,
        charges.sub_account,
        charges.thing,
        charges.billing_currency,
        bool_or(focus_files.source_file is not null) as is_focus,
        sum(charges.billed_cost) as billed_cost
    from charges
    left join focus_files
        on charges.source_name = focus_files.source_name
        and charges.source_file = focus_files.source_file
    group by
        charges.utc_day, charges.source_name, charges.delivery, charges.provider, charges.account,
        charges.sub_account, charges.thing, charges.billing_currency

),

of_one_source as (

    select one.*, another.source_name as another_source, another.source_file as another_file,
        another.billed_cost as another_cost
    from summed as one
    inner join summed as another
        on one.utc_day = another.utc_day
        and one.source_name = another.source_name
        and one.provider = another.provider
        and one.account = another.account
        and one.sub_account = another.sub_account
        and one.thing = another.thing
        and one.billing_currency = another.billing_currency
        and one.delivery < another.delivery
    where one.is_focus

),

by_source as (

    select
        utc_day, source_name, min(source_file) as source_file, provider, account, sub_account,
        billing_currency, sum(billed_cost) as billed_cost
    from summed
    -- without an account nothing says that it is the same one
    where account <> ''
    group by utc_day, source_name, provider, account, sub_account, billing_currency

),

of_two_sources as (

    select one.*, another.source_name as another_source, another.source_file as another_file,
        another.billed_cost as another_cost
    from by_source as one
    inner join by_source as another
        on one.utc_day = another.utc_day
        and one.provider = another.provider
        and one.account = another.account
        and one.sub_account = another.sub_account
        and one.billing_currency = another.billing_currency
        and one.source_name < another.source_name

),

pairs as (

    select * from of_one_source
    union all by name
    select * from of_two_sources

),

final as (

    select
        utc_day,
        provider,
        account,
        billing_currency,
        source_name || '/' || source_file as one_file,
        another_source || '/' || another_file as another_file,
        cast(sum(billed_cost) as decimal(28, 12)) as one_cost,
        cast(sum(another_cost) as decimal(28, 12)) as another_cost
    from pairs
    group by utc_day, provider, account, billing_currency, source_name, source_file,
        another_source, another_file

)

select * from final
