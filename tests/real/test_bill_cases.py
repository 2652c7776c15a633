"""Bills re-typed from public reports of people who meter LLM cost, each with its right value.

They lie in `../shared/cases/bills`, a folder each: CASE.md in words, the inbox, the settings, and
queries with what is right. Cases of one `workspace` number share a workspace, as in `check.py`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import Workspace

TOGETHER = {1: ("fct_charges", "fct_provider_usage", "fct_commitment_months",
        "fct_invoice_months"),
            2: ("fct_charges",), 3: ("fct_charges", "fct_showback"),
            7: ("fct_charges",)}  # fmt: skip
"""Workspace number -> models that its cases look at; others are closed or run twice by hand."""

CORRECTED = {
    # the query sums two days: 200,000 of 11 January and the 45,949 of the 12th, which is whole
    ("31", "200000"): "245949",
}
"""(case, what it says is right) -> what its own arithmetic gives."""

LOOKED_AT = {
    "19": ("select sum(charge_usd) from marts.fct_invoice_months"
           " where invoice_month = '2026-07-01' and provider like 'gcp%'"
           " and charge_month >= '2026-06-01'", "117.70"),
    "15": ("select saving_usd from marts.fct_commitment_months where commitment in (select"
           " commitment_discount_id from marts.fct_charges where source_name = 'az15')", "-100"),
    "25": ("select sum(charge_usd) from marts.fct_charges where source_name = 'oai25'"
           " and model_id is null", "1.06"),  # Completions, and a line without a text
    "30": ("select sum(charge_usd) from marts.fct_charges where source_name = 'or30'", "1.0500046"),
    "34": ("select sum(charge_usd) from marts.fct_charges where source_name = 'f34'", "10"),
    "35": ("select count(*) from raw.files where source_name = 'f35' and status = 'loaded'", "0"),
    "37": ("select saving_usd from marts.fct_commitment_months where commitment = 'res-37'", "500"),
    "04": ("select count(*) from raw.files where source_name = 'aws04'"
           " and reason like 'is a ZIP archive: unpack it%'", "1"),
    "38": ("select sum(charge_usd) from marts.fct_charges where source_name = 'f38'", "100"),
    "47": ("select sum(charge_usd) from marts.fct_charges"
           " where provider_name = 'Eurovendor'", "210"),
}  # fmt: skip
"""What CASE.md states in words, asked as a query."""


@dataclass(frozen=True)
class Case:
    path: Path
    content: dict[str, Any]

    @property
    def questions(self) -> Iterator[tuple[str, Decimal]]:
        number = self.content["num"]
        for query in self.content["queries"]:
            right = CORRECTED.get((number, query["right"]), query["right"])
            yield query["sql"], Decimal(right)
        if number in LOOKED_AT:
            sql, right = LOOKED_AT[number]
            yield sql, Decimal(right)


def cases(shared: Path, number: int) -> list[Case]:
    folder = shared / "cases" / "bills"
    if not folder.is_dir():
        pytest.skip(f"no cases at {folder}")
    found = [Case(p.parent, json.loads(p.read_text())) for p in folder.glob("*/case.json")]
    chosen = [case for case in found if case.content.get("workspace", 1) == number]
    return sorted(chosen, key=lambda case: str(case.content["num"]))


@pytest.mark.slow
@pytest.mark.parametrize("number", TOGETHER)
def test_every_case_comes_out_right(number: int, shared: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, models=TOGETHER[number])
    asked = [case for case in cases(shared, number) if list(case.questions)]
    for case in asked:
        for settings in case.path.glob("*.toml"):
            workspace.configure(settings.stem, settings.read_text())
        for part in ("inbox", "config"):
            if (case.path / part).is_dir():
                shutil.copytree(case.path / part, tmp_path / part, dirs_exist_ok=True)
    workspace.build()
    wrong = []
    for case in asked:
        for sql, right in case.questions:
            got = workspace.value(sql)
            if got is None or abs(Decimal(str(got)) - right) > Decimal("1e-12"):
                wrong.append(f"{case.path.name}: {got} instead of {right}: {sql}")
    assert not wrong, "\n".join(wrong)
