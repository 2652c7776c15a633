{#-
    Who pays for each invoice: what is on it of a month of use, shared as the statements share that
    month of the provider. Rule: DECISIONS.md, `clearing_usd`.
-#}
{{ config(materialized="view") }}

{%- set whole = ["kind", "provider", "invoice_month", "invoice_id", "charge_month"] %}

with invoices as (

    select
        provider,
        invoice_month,
        invoice_id,
        charge_month,
        sum(charge_usd) as amount_usd
    from {{ ref("fct_invoice_months") }}
    group by provider, invoice_month, invoice_id, charge_month

),

members as (

    -- what was charged of the month by now, in whichever month's statement
    select
        kind,
        provider,
        original_month as charge_month,
        member,
        sum(exact_usd) as exact_usd
    from {{ ref("fct_statement_lines") }}
    where line <> 'internal price'
    group by kind, provider, original_month, member

),

kinds as (

    select distinct kind from members

),

parts as (

    -- who was given more than he pays bears nothing of it
    select
        kinds.kind,
        invoices.*,
        members.member,
        coalesce(
            greatest(cast(members.exact_usd * 1000000000 as hugeint), 0), 0
        ) as stated_weight
    from invoices
    cross join kinds
    left join members
        on kinds.kind = members.kind
        and invoices.provider is not distinct from members.provider
        and invoices.charge_month = members.charge_month

),

weighted as (

    select
        *,
        case when max(stated_weight) over (partition by {{ whole | join(", ") }}) > 0
            then stated_weight else 1 end as weight
    from parts

),

shares as (

    select
        kind, provider, invoice_month, invoice_id, member, sum(share_usd) as charge_usd
    from {{ largest_remainder("weighted", whole, ["member"]) }} as shares
    group by kind, provider, invoice_month, invoice_id, member

),

final as (

    -- an invoice is rounded once, and its members share its cents in order
    select
        invoice_month,
        provider,
        invoice_id,
        kind,
        member,
        cast(charge_usd as decimal(28, 12)) as charge_usd,
        cast(
            round(sum(charge_usd) over so_far, 2)
            - coalesce(round(sum(charge_usd) over before, 2), 0) as decimal(18, 2)
        ) as amount_usd
    from shares
    where charge_usd <> 0
    window so_far as (
            partition by kind, provider, invoice_month, invoice_id order by member nulls last
        ),
        before as (
            partition by kind, provider, invoice_month, invoice_id order by member nulls last
            rows between unbounded preceding and 1 preceding
        )

)

select * from final
