"""The tie-out page: what our records compute, what was billed, and why the two differ."""

from __future__ import annotations

from typing import Any

from dashboards.kit.formatting import money, month, signed_money
from dashboards.kit.reports import Reports, Row, month_shown
from dashboards.kit.tables import Column, fields, report_table, table
from dashboards.kit.theme import DOLLARS, Chart, chart
from dashboards.kit.waterfall import waterfall_bars
from dashboards.pages.tie_out.by_day import by_provider_and_month, largest_gaps

MONTHS_SHOWN = 12
BILL_MONTHS = 3

CAUSES = {
    "off_gateway_usd": ("Not seen by gateway", "Billed traffic that passed no gateway."),
    "unpriced_usd": ("No price known", "Billed calls for which the price list has no price."),
    "token_class_usd": ("Other token class", "Tokens that the bill counts in another class."),
    "price_usd": ("Other price", "Price or tier of the bill against that of our price list."),
    "discount_usd": ("Discounts, credits", "Billed cost less list cost, corrections, credits."),
    "other_charges_usd": ("Other charges", "Tax, fees, searches, storage, seats: no call's cost."),
    "missing_charge_usd": ("Not on the bill", "Calls that a final bill does not show."),
    "lag_usd": ("Not billed yet", "Calls of days that may still be billed."),
    "no_bill_usd": ("No bill is sent", "Own GPUs and others that are declared to send none."),
    "day_shift_usd": ("Other day", "Usage billed a day earlier or later: nothing in the long run."),
    "rounding_usd": ("Rounding", "Rounding, and what stays within the agreed tolerance."),
    "unexplained_usd": ("Unexplained", "Nothing on the bill's side counts what was used."),
}
"""Report column of each cause with its heading and what it means, in the order of the page."""

_MONEY = (
    Column("estimate_usd", "Computed", "money"),
    Column("charge_usd", "Billed", "money"),
    Column("gap_usd", "Gap", "signed_money"),
    *(
        Column(name, heading, "signed_money", "The gap by cause", meaning)
        for name, (heading, meaning) in CAUSES.items()
    ),
)
BY_PROVIDER = (Column("provider", "Provider"), *_MONEY)
BY_MONTH = (Column("month", "Month", "month"), *_MONEY)

DRIFT = (
    Column("month", "Month", "month"),
    Column("provider", "Provider"),
    Column("model", "Model"),
    Column("token_class", "Tokens", "phrase"),
    Column("days_off", "Days", "count", help="Days on which the price differs."),
    Column("book_usd_per_mtok", "Price list", "unit_cost", "USD per million tokens"),
    Column("billed_usd_per_mtok", "Bill", "unit_cost", "USD per million tokens"),
    Column("drift_ratio", "Drift", "signed_ratio", help="On those days."),
    Column("price_usd", "Costs", "signed_money"),
)

REPORTED = (
    Column("month", "Month", "month"),
    Column("source_name", "Source"),
    Column("model", "Model"),
    Column("operation", "Operation", "phrase"),
    Column("days_off", "Days", "count", help="Days on which the two differ."),
    Column(
        "reported_ratio", "Of estimate", "ratio", help="Cost that the source states, those days."
    ),
    Column("gap_usd", "Difference", "signed_money"),
    Column("likely_reason", "Likely reason", "phrase"),
)


FEES = (
    Column("provider", "Provider"),
    Column("cost_type", "What", "phrase"),
    Column("quantity", "Quantity", "quantity"),
    Column("quantity_unit", "Of"),
    Column("charge_usd", "Billed", "money"),
    Column("charge_per_unit_usd", "Each", "unit_cost"),
    Column("share", "Of its usage", "ratio"),
)

BILLS = (
    Column("month", "Month", "month"),
    Column("provider", "Provider"),
    Column("billing_currency", "Currency"),
    Column("billed_cost", "Billed", "amount", help="In the bill's own currency."),
    Column("lowest_fx_rate", "Lowest", "exchange_rate", "US dollars for one", "Of its days."),
    Column("highest_fx_rate", "Highest", "exchange_rate", "US dollars for one"),
    Column("charge_usd", "In US dollars", "money", help="Each line at the rate of its day."),
    Column("list_usd", "List", "money", "Usage would cost", "At the provider's public prices."),
    Column("contracted_usd", "Contracted", "money", "Usage would cost", "At negotiated prices."),
    Column("negotiated_usd", "By negotiation", "signed_money", "Saved"),
    Column(
        "commitment_saving_usd", "By commitment", "signed_money", "Saved", "Idle cost not counted."
    ),
)


def tie_out_page(reports: Reports) -> dict[str, Any]:
    """Collect what the tie-out template prints; `has_data` is False for an empty warehouse."""
    rows = reports.rows(
        f"select month, row_kind, {fields(BY_PROVIDER)} from reports.rpt_reconciliation"
        " order by month desc, row_kind, provider"
    )
    shown = month_shown(reports, {row["month"] for row in rows})
    if shown is None:
        return {"has_data": False}
    mine = [row for row in rows if row["month"] == shown]
    total = next(row for row in mine if row["row_kind"] == "total")
    return {
        "has_data": True,
        "month": month(shown),
        "sentence": _sentence(total),
        "waterfall": _waterfall(shown, total),
        "by_provider": table(
            f"{month(shown)} by provider",
            "Computed plus every cause is what was billed, to the last digit.",
            BY_PROVIDER,
            [{**row, "provider": row["provider"] or "All providers"} for row in mine],
            role=_total_line,
            relation="rpt_reconciliation",
        ),
        "by_month": table(
            "Month by month",
            "All providers. A month that is not billed in full still changes.",
            BY_MONTH,
            [row for row in rows if row["row_kind"] == "total"][:MONTHS_SHOWN],
            relation="rpt_reconciliation",
        ),
        "usage": by_provider_and_month(reports),
        "largest_gaps": largest_gaps(reports, shown),
        "drift": table(
            "Prices that differ from the price list",
            "Unit price that a bill implies where both sides count tokens. Correct the price list,"
            " or ask the provider.",
            DRIFT,
            _drift(reports),
            empty="Every bill charges the prices of the price list.",
            relation="rpt_price_drift",
        ),
        "bills": table(
            "What bills state",
            "Bills in their own currency and in dollars, and what their usage would have cost at"
            " list and at contracted prices, where they say so.",
            BILLS,
            reports.rows(
                f"select {fields(BILLS)} from reports.rpt_bills"
                " where month in (select distinct month from reports.rpt_bills"
                f" order by month desc limit {BILL_MONTHS})"
                " order by month desc, charge_usd desc nulls last, provider, billing_currency"
            ),
            empty="No bill has arrived.",
            relation="rpt_bills",
        ),
        "fees": report_table(
            reports,
            f"Billed by the piece in {month(shown)}",
            "Usage that bills charge by anything but tokens. What no call is known of, nobody pays"
            " on Showback unless a rule of config/allocation.csv says who.",
            FEES,
            "reports.rpt_fees where month = ? order by charge_usd desc, provider, cost_type,"
            " quantity_unit",
            (shown,),
            empty="Bills of the month charge for tokens alone.",
        ),
        "reported": table(
            "Costs that gateways state otherwise",
            "What a gateway says that its calls cost, where it is not what the price list gives."
            " Bills decide which of the two is right.",
            REPORTED,
            _reported(reports),
            empty="Every cost that a gateway states is that of the price list.",
            relation="rpt_reported_cost",
        ),
    }


def _drift(reports: Reports) -> list[Row]:
    return reports.rows(
        f"select {fields(DRIFT)} from reports.rpt_price_drift where is_drift"
        " order by month desc, abs(price_usd) desc, provider, model, token_class limit 50"
    )


def _reported(reports: Reports) -> list[Row]:
    return reports.rows(
        f"select {fields(REPORTED)} from reports.rpt_reported_cost where days_off > 0"
        " order by month desc, abs(gap_usd) desc, source_name, model, operation limit 50"
    )


def _total_line(row: Row) -> str:
    return "total" if row["row_kind"] == "total" else ""


def _sentence(total: Row) -> str:
    return (
        f"Our records compute {money(total['estimate_usd'])}; the providers billed"
        f" {money(total['charge_usd'])}. The gap of {signed_money(total['gap_usd'])} has these"
        " causes."
    )


def _waterfall(shown: Any, total: Row) -> Chart:
    steps = [(heading, total[name]) for name, (heading, _) in CAUSES.items() if total[name]]
    figure = waterfall_bars(
        ("Computed", total["estimate_usd"]), steps, ("Billed", total["charge_usd"]), width=0.6
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(type="linear", tickformat=DOLLARS)
    caption = (
        "From what our calls and price list compute, cause by cause, to what was billed. Orange"
        " raises the bill, green lowers it."
    )
    return chart(
        "reconciliation",
        f"From computed to billed, {month(shown)}",
        caption,
        figure,
        380,
        relation="rpt_reconciliation",
    )
