"""Invoices against the bills that name them: what finance pays is what the lines sum to."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb

from pipelines.checks.check import Check
from pipelines.workspace.settings import Settings

_SHOWN = 3
"""Invoices that the check names; all of them are in `rpt_invoices`."""

_WORDS = {
    "differs": "states {total}, its {lines:,} lines sum to {billed}: {difference} USD",
    "not_billed": "states {total}, and no line of a bill names it: {difference} USD",
    "other_currency": "states {total}, and lines in another currency name it",
}
_NAME = "invoice_difference"


def invoice_difference(con: duckdb.DuckDBPyConnection, settings: Settings) -> Check:
    """Every invoice that is issued or paid asks for what the lines that name it sum to.

    One that is open is not final; of one that is disputed, the difference is known.
    """
    limit = settings.thresholds.invoice_difference_usd
    rows = con.execute(
        "select invoice_id, provider, currency, total, charge_lines, billed_cost, difference_usd,"
        " comparison, coalesce(status, 'not stated')"
        " from marts.fct_invoices"
        " order by abs(difference_usd) desc nulls first, invoice_id, provider"
    ).fetchall()
    final = [row for row in rows if row[-1] in ("issued", "paid")]
    off = [row for row in final if row[7] != "agrees" and (row[6] is None or abs(row[6]) > limit)]
    others = ", ".join(
        f"{len(own)} {status}{_asked(own) if status == 'disputed' else ''}"
        for status in ("open", "disputed", "not stated")
        if (own := [row for row in rows if row[-1] == status])
    )
    more = f"; and {len(off) - _SHOWN} more" if len(off) > _SHOWN else ""
    found = "; ".join(map(_said, off[:_SHOWN])) + more
    agree = (
        f"{len(final) - len(off)} of {len(final)} invoices issued or paid agree with their lines"
    )
    return Check(
        _NAME,
        not off,
        f"{found or agree}; allowed {limit} USD{f'; not compared: {others}' if others else ''}",
        "deliver the lines that are missing; or correct config/invoices.csv, where `disputed` says"
        " that the provider is asked; then `outlay run`. All of them: outlay sql"
        " \"from reports.rpt_invoices where comparison <> 'agrees'\"",
    )


def _asked(disputed: Sequence[tuple[Any, ...]]) -> str:
    """What a provider is asked about, in dollars as far as they are known."""
    return f" ({sum((row[6] for row in disputed if row[6] is not None), Decimal(0)):+,.2f} USD)"


def _said(row: tuple[Any, ...]) -> str:
    """One invoice that is off, in words."""
    invoice, provider, currency, total, lines, billed, difference, comparison, _ = row
    words = _WORDS[comparison].format(
        total=f"{total:,.2f} {currency}",
        lines=lines,
        billed=f"{billed or 0:,.2f}",
        difference="an unknown number of" if difference is None else f"{difference:+,.2f}",
    )
    return f"{invoice}{f' of {provider}' if provider else ''} {words}"
