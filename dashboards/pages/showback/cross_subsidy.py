"""Tables of the showback page about who bears what: others' cost, tenants' margin, missing tags."""

from __future__ import annotations

import datetime as dt

from dashboards.kit.formatting import money
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Column, Table, fields, table

SUBSIDY = (
    Column("member", "", "text"),
    Column("direct_usd", "Own calls", "money"),
    Column("shared_usd", "Shared cost", "money"),
    Column("cache_usd", "Cache sharing", "signed_money"),
    Column("borne_usd", "Bears", "money"),
    Column("cross_subsidy_usd", "For others", "signed_money"),
    Column("cross_subsidy_ratio", "For others %", "signed_ratio"),
)

CACHES = (
    Column("member", "Tenant", "text"),
    Column("owes_usd", "Owes to writers", "money"),
    Column("is_owed_usd", "Is owed by readers", "money"),
    Column("net_usd", "Net", "signed_money", help="Below zero, others read what it wrote."),
)

MARGIN = (
    Column("tenant_id", "Tenant", "text"),
    Column("revenue_usd", "Revenue", "money"),
    Column("direct_usd", "Own calls", "money"),
    Column("shared_usd", "Shared cost", "money"),
    Column("charge_usd", "Bears", "money"),
    Column("margin_usd", "Margin", "signed_money"),
    Column("margin_ratio", "Margin %", "signed_ratio"),
)

TREND = (
    Column("month", "Month", "month"),
    Column("dimension", "Without a", "text"),
    Column("calls", "Calls", "count"),
    Column("estimate_usd", "Estimate", "money"),
    Column("charge_usd", "Billed charge", "money"),
    Column("share_ratio", "Share of bill", "ratio"),
    Column("change_usd", "Change", "signed_money"),
    Column("first_to_ask", "Ask first", "text"),
    Column("first_to_ask_usd", "Can explain", "money"),
)

ASK = (
    Column("likely_owner", "Whom to ask", "text"),
    Column("dimension", "Without a", "text"),
    Column("source_name", "Source", "text"),
    Column("api_key_id", "Key", "key"),
    Column("calls", "Calls", "count"),
    Column("estimate_usd", "Estimate", "money"),
    Column("previous_month_usd", "Month before", "money"),
    Column("change_usd", "Change", "signed_money"),
)

STATED = (
    Column("month", "Month", "month"),
    Column("dimension", "What", "text"),
    Column("stated_by", "Stated by", "text"),
    Column("calls", "Calls", "count"),
    Column("unpriced_calls", "Without a price", "count"),
    Column("estimate_usd", "Estimate", "money"),
    Column("share_ratio", "Share", "ratio"),
)

MAX_ASKED = 20
"""Keys listed, dearest first; `outlay unattributed` lists every one."""


def bearing_tables(reports: Reports, start: dt.date) -> tuple[tuple[str, Table], ...]:
    """Who carries whom in a month, where anything is shared, and tenants' margin, by dimension."""
    shared = reports.rows(
        f"select dimension, row_kind, {fields(SUBSIDY)} from reports.rpt_cross_subsidy"
        " where month = ? and (shared_usd <> 0 or cache_usd <> 0 or cross_subsidy_usd <> 0)"
        " order by cross_subsidy_usd desc, member",
        (start,),
    )
    margins = reports.rows(
        f"select {fields(MARGIN)} from reports.rpt_tenant_margin where month = ?"
        " order by margin_usd nulls last, tenant_id",
        (start,),
    )
    tables = [
        (dimension, _subsidy(dimension, [r for r in shared if r["dimension"] == dimension]))
        for dimension in ("feature", "tenant")
        if shared
    ]
    tables += [("tenant", shared_caches) for shared_caches in _cache_sharing(reports, start)]
    if any(row["revenue_usd"] is not None for row in margins):
        margin = table(
            "Margin by tenant",
            "What each tenant pays for the month, less all it bears of the bill. A tenant whose"
            " revenue is not stated has no margin; the lowest margin stands first.",
            MARGIN,
            margins,
            relation="rpt_tenant_margin",
        )
        tables.append(("tenant", margin))
    return tuple(tables)


def _cache_sharing(reports: Reports, start: dt.date) -> list[Table]:
    """What tenants owe each other for prefixes in the provider's cache, where any share one."""
    rows = reports.rows(
        f"select {fields(CACHES)}, is_settled from reports.rpt_cache_sharing"
        " where month = ? and dimension = 'tenant' order by net_usd desc, member",
        (start,),
    )
    if not rows:
        return []
    settled = all(row["is_settled"] for row in rows)
    caption = (
        "Writing a prefix into the provider's cache costs more than plain input, and whoever reads"
        " it saves: by tokens read, readers owe writers. "
        + (
            "The bill above is settled so."
            if settled
            else "It is not settled: cache_sharing is off."
        )
    )
    return [
        table(
            "Who reads what others wrote into caches",
            caption,
            CACHES,
            rows,
            relation="rpt_cache_sharing",
        )
    ]


def _subsidy(dimension: str, rows: list[Row]) -> Table:
    columns = (Column("member", dimension.capitalize(), "text"), *SUBSIDY[1:])
    caption = (
        f"What each {dimension} bears, and how much of it is for others: more than it would bear"
        " if what is split evenly or by agreed shares followed everybody's own calls. The last"
        f" two columns sum to nothing. {_who_carries(rows)}"
    )
    return table(
        f"Who carries whom, by {dimension}",
        caption,
        columns,
        rows,
        role=lambda row: "" if row["row_kind"] == "member" else "unallocated",
        relation="rpt_cross_subsidy",
    )


def _who_carries(rows: list[Row]) -> str:
    """The largest giver and the largest receiver in words; rows come by `cross_subsidy_usd`."""
    if not rows or rows[0]["cross_subsidy_usd"] <= 0:
        return "Nobody carries anybody this month."
    giver, taker = rows[0], rows[-1]
    return (
        f"Most is borne by {giver['member']}, {money(giver['cross_subsidy_usd'])} for others;"
        f" most is borne for {taker['member']}, {money(abs(taker['cross_subsidy_usd']))}."
    )


def untagged_tables(reports: Reports) -> tuple[Table, ...]:
    """What calls without a feature or tenant cost, month by month, and whom to ask about it."""
    trend = reports.rows(
        f"select {fields(TREND)} from reports.rpt_untagged_trend where calls > 0"
        " order by month desc, dimension"
    )
    asked = reports.rows(
        f"select {fields(ASK)} from reports.rpt_unattributed"
        " where month = (select max(month) from reports.rpt_unattributed)"
        f" order by estimate_usd desc nulls last, source_name, api_key_id limit {MAX_ASKED}"
    )
    stated = _stated_payers(reports)
    if not trend:
        return stated
    return (
        *stated,
        table(
            "Spend without a tag, by month",
            "Calls that say no feature, or no tenant, so that nobody can be charged for them. A tag"
            " at the caller cures it, or a rule in config/attribution.csv.",
            TREND,
            trend,
            relation="rpt_untagged_trend",
        ),
        table(
            "Whom to ask about the newest month",
            "The team tag of a key, else the feature that spends most with the same key: a person"
            " to ask, not to charge.",
            ASK,
            asked,
            relation="rpt_unattributed",
        ),
    )


def _stated_payers(reports: Reports) -> tuple[Table, ...]:
    """Who stated the feature and tenant of calls, where anybody but the call itself did."""
    rows = reports.rows(
        f"select {fields(STATED)} from reports.rpt_stated_payers"
        " order by month desc, dimension, estimate_usd desc nulls last, stated_by nulls last"
    )
    if {row["stated_by"] for row in rows} <= {"call", None}:
        return ()
    return (
        table(
            "Who said whose calls are",
            "Calls that name their feature and tenant themselves; calls that take it from the"
            " agent, or another span, above them in their trace; those that a rule of"
            " config/attribution.csv gives to somebody; and, on lines without a name, those that"
            " nobody does.",
            STATED,
            rows,
            relation="rpt_stated_payers",
        ),
    )
