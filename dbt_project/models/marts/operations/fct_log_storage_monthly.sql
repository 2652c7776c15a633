{#- What keeping the files of each source costs, by month, at stated prices and retention. -#}
{{ config(materialized="table") }}

with files as (

    select
        *,
        coalesce(last_day, cast(landed_at as date)) as own_day,
        coalesce(max(last_day) over (), max(cast(landed_at as date)) over ()) as newest_day
    from {{ ref("stg_lake__files") }}
    where status = 'loaded'

),

-- a day's files are kept from that day on; what says no day is of the day on which it came, if that
-- is known yet
landed as (

    select source_name, least(own_day, newest_day) as day, sum(size_bytes) as bytes
    from files
    group by all

),

months as (

    select
        cast(unnest(generate_series(
            date_trunc('month', greatest(min(day), max(day) - interval 12 month)), max(day),
            interval 1 month
        )) as date) as month,
        cast(max(day) + 1 as date) as known_until
    from landed

),

sources as (

    select source_name from landed group by source_name

),

rules as (

    select
        months.month,
        months.known_until,
        cast(months.month + interval 1 month as date) as next_month,
        sources.source_name,
        stated.* exclude (source_name, source, valid_from, valid_to)
    from months
    cross join sources
    left join {{ ref("stg_workspace__log_storage") }} as stated
        on (sources.source_name = stated.source_name or stated.source_name = '*')
        and months.month >= stated.valid_from
        and months.month < stated.valid_to
    -- a source's own row goes before that of all others
    qualify row_number() over (
        partition by months.month, sources.source_name
        order by stated.source_name = '*' nulls last
    ) = 1

),

kept as (

    select
        rules.month,
        rules.source_name,
        landed.bytes,
        landed.day >= rules.month as is_new,
        greatest(least(
            rules.next_month,
            rules.known_until,
            cast(landed.day + cast(coalesce(rules.retention_days, 36500) as integer) as date)
        ) - greatest(rules.month, landed.day), 0) as days
    from rules
    inner join landed
        on rules.source_name = landed.source_name
        and rules.next_month > landed.day

),

used as (

    select
        month,
        source_name,
        sum(bytes) filter (where is_new) as landed_bytes,
        -- as decimals, so that no byte of a large month is lost
        sum(cast(bytes as decimal(38, 0)) * days) as byte_days
    from kept
    group by month, source_name

),

final as (

    select
        rules.month,
        rules.source_name,
        {{ as_count("coalesce(used.landed_bytes, 0)") }} as landed_bytes,
        {{ as_count("cast(" ~ ratio(
            "coalesce(used.byte_days, 0)", "rules.next_month - rules.month"
        ) ~ " as decimal(38, 0))") }} as kept_bytes,
        rules.usd_per_gb_month,
        cast({{ ratio(
            "coalesce(used.byte_days, 0) * rules.usd_per_gb_month",
            "(rules.next_month - rules.month) * 1000000000"
        ) }} as decimal(28, 9)) as storage_usd,
        {{ as_count("rules.retention_days") }} as retention_days,
        {{ as_count("rules.keep_at_least_days") }} as keep_at_least_days,
        {{ as_count("rules.keep_at_most_days") }} as keep_at_most_days,
        {{ retention_state("rules") }} as state
    from rules
    left join used on rules.month = used.month and rules.source_name = used.source_name

)

select * from final
