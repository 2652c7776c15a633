{#-
    A month as a journal entry: each cost centre's cost against the clearing account of each invoice
    of a provider, and what internal prices add against an account of their own. Cents are the
    invoices', and cost centres share them, so both sides balance in US dollars and in the reporting
    currency.
-#}
{{ config(materialized="view") }}

with lines as (

    select * from {{ ref("fct_statement_lines") }} where kind = 'cost_centre'

),

clearing as (

    select * from {{ ref("fct_clearing_lines") }}

),

entries as (

    select
        month,
        1 as side,
        'expense' as account,
        member as cost_centre,
        sum(amount_usd) as amount_usd,
        sum(reporting_amount) as reporting_amount,
        max(reporting_currency) as reporting_currency
    from lines
    group by month, member
    union all by name
    select
        month,
        2 as side,
        'clearing' as account,
        provider,
        invoice_month,
        invoice_id,
        -amount_usd as amount_usd,
        -reporting_amount as reporting_amount,
        reporting_currency
    from clearing
    union all by name
    select
        month,
        2 as side,
        'internal price' as account,
        -sum(amount_usd) as amount_usd,
        -sum(reporting_amount) as reporting_amount,
        max(reporting_currency) as reporting_currency
    from lines
    where line = 'internal price'
    group by month

),

final as (

    select
        month,
        {{ as_count("row_number() over (partition by month"
            ~ " order by side, account, cost_centre nulls last, provider nulls last,"
            ~ " invoice_month, invoice_id nulls last)") }}
            as journal_line,
        account,
        cost_centre,
        provider,
        invoice_month,
        invoice_id,
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
