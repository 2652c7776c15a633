{#-
    The days of every commitment: of the workspace's terms all up to where the data reaches, so that
    a day without any use counts as idle; of those that only bills know, the days that they state.
-#}
{{ config(materialized="view") }}

with terms as (

    select * from {{ ref("stg_commitments__terms") }}

),

usage as (

    select * from {{ ref("fct_commitment_usage") }}

),

billed as (

    select provider, max(utc_day) as until from {{ ref("fct_charges_daily") }} group by provider

),

called as (

    select min(utc_day) as first_day, max(utc_day) as until from {{ ref("fct_usage_daily") }}

),

stated as (

    -- as far as its own lines reach, or its provider's bill
    select
        usage.commitment,
        usage.valid_from,
        max(greatest(usage.utc_day + cast(usage.period_days as integer) - 1, billed.until))
            as until
    from usage
    left join billed on usage.provider = billed.provider
    group by usage.commitment, usage.valid_from

),

reach as (

    select
        terms.*,
        case when terms.reads = 'calls' then called.until
            else coalesce(stated.until, (select max(billed.until) from billed)) end as seen_until,
        case when terms.reads = 'calls' then greatest(called.until, stated.until)
            else stated.until end as until,
        case when terms.reads = 'calls' then called.first_day else terms.valid_from end as seen_from
    from terms
    cross join called
    left join stated
        on terms.commitment = stated.commitment and terms.valid_from = stated.valid_from

),

days as (

    select
        *,
        cast(unnest(generate_series(
            valid_from, least(valid_to - 1, coalesce(until, seen_until)), interval 1 day
        )) as date) as utc_day
    from reach
    where seen_until is not null
    union all by name
    select
        commitment,
        until as seen_until,
        cast(unnest(generate_series(
            (select min(usage.utc_day) from usage
                where usage.commitment = stated.commitment and usage.valid_from is null),
            until, interval 1 day
        )) as date) as utc_day
    from stated
    where valid_from is null

),

final as (

    select
        * exclude (seen_from, seen_until, until),
        utc_day >= coalesce(seen_from, utc_day) and utc_day <= seen_until as is_seen,
        utc_day < seen_until as is_complete
    from days

)

select * from final
