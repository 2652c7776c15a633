"""Every cause that the demo hides in its bills is found again, to the last digit."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.demo import write_workspace_data
from tests.demo.conftest import Published
from tests.support.warehouse import Workspace

pytestmark = pytest.mark.slow

CAUSES = (
    "off_gateway", "lag", "token_class", "day_shift", "price", "rounding", "unpriced", "discount",
    "other_charges",
)  # fmt: skip


@pytest.fixture(scope="module")
def billed(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Sixty-five small days, in whose last week the bills slip."""
    root: Path = tmp_path_factory.mktemp("causes")
    write_workspace_data(root, days=65, scale=0.06)
    workspace = Workspace(
        root,
        {"providers_without_bill": ["findable"]},
        models=("rpt_price_drift", "rpt_reconciliation"),
    )
    workspace.build()
    return Published(workspace, json.loads((root / "truth.json").read_text(encoding="utf-8")))


Amounts = dict[tuple[str, date, str | None], Decimal]


def planted(truth: dict[str, Any], cause: str) -> Amounts:
    found: Counter[tuple[str, date, str | None]] = Counter()
    for item in truth["gap_causes"]:
        if item["cause"] == cause:
            key = (item["provider"], date.fromisoformat(item["day"]), item["model"])
            found[key] += Decimal(item["usd"])  # type: ignore[assignment]
    return dict(found)  # type: ignore[arg-type]


def found(published: Published, cause: str) -> Amounts:
    compared = f"select provider, day, model, {cause}_usd from marts.fct_tie_out"
    others = (
        "select provider, utc_day, model_id,"
        f" {'0' if cause == 'lag' else f'sum({cause}_usd)'} from marts.fct_tie_out_cells"
        " where not is_compared group by all"
    )
    queries = [others] if cause == "other_charges" else [compared, others]
    amounts: dict[Any, Decimal] = {}
    for query in queries:
        amounts |= published.amounts(query)
    return amounts


@pytest.mark.parametrize("cause", CAUSES)
def test_a_hidden_cause_is_recovered_by_provider_day_and_model(
    billed: Published, cause: str
) -> None:
    expected = planted(billed.truth, cause)
    assert expected, f"the demo plants no {cause}"
    assert found(billed, cause) == expected


def test_nothing_else_is_found_and_nothing_is_left_unexplained(billed: Published) -> None:
    assert billed.workspace.query(
        "select sum(abs(missing_charge_usd)), sum(abs(unexplained_usd)) from marts.fct_tie_out"
    ) == [(0, 0)]


def test_a_month_says_what_was_computed_what_was_billed_and_why_they_differ(
    billed: Published,
) -> None:
    totals = billed.workspace.query(
        "select strftime(month, '%Y-%m'), estimate_usd, charge_usd, gap_usd,"
        " off_gateway_usd + lag_usd + no_bill_usd + missing_charge_usd + token_class_usd"
        " + day_shift_usd + price_usd + rounding_usd + unpriced_usd + discount_usd"
        " + other_charges_usd + unexplained_usd"
        " from reports.rpt_reconciliation where row_kind = 'total' order by 1"
    )
    months = billed.truth["months"]
    assert [row[0] for row in totals] == sorted(months)
    for month, estimate, charge, gap, causes in totals:
        assert estimate == Decimal(months[month]["gateway_estimate_usd"])
        assert (charge or 0) == sum(map(Decimal, months[month]["charge_usd"].values()))
        assert gap == causes == (charge or 0) - estimate


def test_a_dearer_bill_is_called_a_drift_of_a_tenth_of_two_days(billed: Published) -> None:
    dearer = [item for item in billed.truth["gap_causes"] if item["cause"] == "price"]
    drifts = billed.workspace.query(
        "select model, token_class, days_off, price_usd from reports.rpt_price_drift where is_drift"
    )
    assert {row[0] for row in drifts} == {item["model"] for item in dearer}
    assert {row[2] for row in drifts if row[1] == "output"} == {len(dearer)}
    assert sum(row[3] for row in drifts) == sum(Decimal(item["usd"]) for item in dearer)
