{#-
    The months of the warehouse: their place in the fiscal year, where the reporting calendar begins
    them, and the closing rate of the reporting currency.
-#}
{{ config(materialized="table") }}

{%- set fiscal_start = var("fiscal_year_starts_in") %}

with days as (

    select utc_day from {{ ref("fct_charges_daily") }}
    union
    select utc_day from {{ ref("fct_usage_daily") }}

),

span as (

    select
        {{ month_of("min(utc_day)") }} as first_month,
        {{ month_of("max(utc_day)") }} as last_month
    from days

),

months as (

    select cast(unnest(generate_series(first_month, last_month, interval 1 month)) as date) as month
    from span

),

closing_rates as (

    select
        {{ month_of("day") }} as month,
        arg_max(usd, day) as usd,
        arg_max(rate_day, day) as rate_day
    from {{ ref("stg_fx__rates") }}
    where currency = '{{ var("reporting_currency") }}'
    group by {{ month_of("day") }}

),

numbered as (

    select
        months.month,
        last_day(months.month) as last_day,
        year(months.month)
        + case when {{ fiscal_start }} > 1 and month(months.month) >= {{ fiscal_start }}
            then 1 else 0 end as fiscal_year,
        (month(months.month) - {{ fiscal_start }} + 12) % 12 + 1 as fiscal_period,
        {% if var("reporting_currency") == "USD" -%}
        cast(1 as decimal(28, 12))
        {%- else -%}
        {{ units_per_usd("closing_rates.usd") }}
        {%- endif %} as reporting_rate,
        closing_rates.rate_day
    from months
    left join closing_rates on months.month = closing_rates.month

),

final as (

    select
        month,
        month as first_day,
        last_day,
        {{ as_count("last_day - month + 1") }} as days,
        {{ first_moment_of("month") }} as starts_at,
        {{ first_moment_of("last_day + 1") }} as ends_at,
        {{ as_count("fiscal_year") }} as fiscal_year,
        {{ as_count("fiscal_period") }} as fiscal_period,
        'FY' || fiscal_year || '-P' || lpad(cast(fiscal_period as varchar), 2, '0')
            as fiscal_label,
        '{{ var("reporting_currency") }}' as reporting_currency,
        reporting_rate,
        rate_day as reporting_rate_day
    from numbered

)

select * from final
