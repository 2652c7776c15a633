{#-
    A month as a journal entry: each cost centre's cost against a clearing account of each provider,
    and what internal prices add against an account of their own. Both sides are sums of the same
    whole cents, of US dollars and of the reporting currency, so they balance without rounding.
-#}
{{ config(materialized="view") }}

with lines as (

    select * from {{ ref("fct_statement_lines") }} where kind = 'cost_centre'

),

entries as (

    select
        month,
        1 as side,
        'expense' as account,
        member as cost_centre,
        cast(null as varchar) as provider,
        sum(amount_usd) as amount_usd,
        sum(reporting_amount) as reporting_amount,
        max(reporting_currency) as reporting_currency
    from lines
    group by month, member
    union all
    select
        month,
        2 as side,
        case when line = 'internal price' then 'internal price' else 'clearing' end as account,
        cast(null as varchar) as cost_centre,
        provider,
        -sum(amount_usd) as amount_usd,
        -sum(reporting_amount) as reporting_amount,
        max(reporting_currency) as reporting_currency
    from lines
    group by all

),

final as (

    select
        month,
        {{ as_count("row_number() over (partition by month"
            ~ " order by side, account, cost_centre nulls last, provider nulls last)") }}
            as journal_line,
        account,
        cost_centre,
        provider,
        cast(case when amount_usd > 0 then amount_usd end as decimal(18, 2)) as debit_usd,
        cast(case when amount_usd < 0 then -amount_usd end as decimal(18, 2)) as credit_usd,
        cast(case when reporting_amount > 0 then reporting_amount end as decimal(18, 2))
            as debit_reporting,
        cast(case when reporting_amount < 0 then -reporting_amount end as decimal(18, 2))
            as credit_reporting,
        reporting_currency
    from entries
    where amount_usd <> 0 or coalesce(reporting_amount, 0) <> 0

)

select * from final
