-- Each way of splitting a month sums, provider by provider, to what its invoices are credited with;
-- and all credits of an invoice, in whatever month, to the invoice, rounded once.

with credited as (

    select month, provider, sum(amount_usd) as amount_usd
    from {{ ref("fct_clearing_lines") }}
    group by month, provider

),

shown as (

    select month, kind, provider, sum(amount_usd) as amount_usd
    from {{ ref("rpt_statement_lines") }}
    where line is distinct from 'internal price'
    group by month, kind, provider

),

kinds as (

    select unnest({{ member_kinds() | list }}) as kind

),

invoiced as (

    select provider, invoice_month, invoice_id, round(sum(charge_usd), 2) as amount_usd
    from {{ ref("fct_invoice_months") }}
    group by provider, invoice_month, invoice_id

),

cleared as (

    select provider, invoice_month, invoice_id, sum(amount_usd) as amount_usd
    from {{ ref("fct_clearing_lines") }}
    group by provider, invoice_month, invoice_id

)

select
    coalesce(credited.month, shown.month) as month,
    coalesce(kinds.kind, shown.kind) as kind,
    coalesce(credited.provider, shown.provider) as provider,
    coalesce(credited.amount_usd, 0) as right_usd,
    coalesce(shown.amount_usd, 0) as shown_usd
from credited
cross join kinds
full outer join shown
    on credited.month = shown.month
    and credited.provider is not distinct from shown.provider
    and kinds.kind = shown.kind
where coalesce(credited.amount_usd, 0) <> coalesce(shown.amount_usd, 0)

union all

select
    coalesce(invoiced.invoice_month, cleared.invoice_month) as month,
    coalesce(invoiced.invoice_id, cleared.invoice_id) as kind,
    coalesce(invoiced.provider, cleared.provider) as provider,
    coalesce(invoiced.amount_usd, 0) as right_usd,
    coalesce(cleared.amount_usd, 0) as shown_usd
from invoiced
full outer join cleared
    on invoiced.provider is not distinct from cleared.provider
    and invoiced.invoice_month = cleared.invoice_month
    and invoiced.invoice_id is not distinct from cleared.invoice_id
where coalesce(invoiced.amount_usd, 0) <> coalesce(cleared.amount_usd, 0)
