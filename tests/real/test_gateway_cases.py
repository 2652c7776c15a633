"""Logs re-typed from public reports of people who meter LLM cost, each with its right values.

They lie in `../shared/cases/gateways`, a folder each: case.json with what is right, and the input
in its source's own form. `check.py` there runs the same through the command; here the models that
the answers stand in are built, once for all cases that share a workspace.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import Workspace

MODELS = ("fct_calls", "fct_tasks")

DECIDED = {
    # a log that states no cached tokens: the estimate is an upper bound, and marked as one
    "64": "select count(*) from marts.fct_calls where source_name = 'c64'"
          " and not is_estimate_upper_bound",
}  # fmt: skip
"""Case -> what its values do not ask: rows that go against what was decided of it."""

MONEY = {"estimate": "sum(estimate_usd)", "reported": "sum(reported_cost_usd)"}
COUNTS = {
    "calls": "count(*)",
    "unpriced": "count(*) filter (where is_unpriced)",
    "hits": "count(*) filter (where cached_hit)",
}
WORDS = {
    name: f"string_agg(distinct {name}, '+')"
    f" filter (where is_model_turn or {'true' if name == 'operation' else 'model_id is not null'})"
    for name in ("operation", "status")
}
DEPTH = (
    "select max(loop_depth) from marts.fct_tasks where task_id in"
    " (select task_id from marts.fct_calls where source_name in {sources})"
)


@dataclass(frozen=True)
class Case:
    path: Path
    content: dict[str, Any]

    @property
    def source(self) -> str:
        return f"c{self.content['num']}"

    @property
    def sources(self) -> str:
        """The sources that are scored as one, as a list in SQL."""
        numbers = self.content.get("together") or [self.content["num"]]
        return "(" + ", ".join(f"'c{number}'" for number in numbers) + ")"

    @property
    def questions(self) -> Iterator[tuple[str, str, Any]]:
        """(what, the query, what is right) but for what landing alone says."""
        for what, right in self.content["right"].items():
            if what == "quarantined":
                continue
            if what == "loop_depth":
                yield what, DEPTH.format(sources=self.sources), right
                continue
            asked = MONEY.get(what) or COUNTS.get(what) or WORDS.get(what)
            column = asked or f"coalesce(sum({what}), 0)"
            sql = f"select {column} from marts.fct_calls where source_name in {self.sources}"
            yield what, sql, Decimal(right) if what in MONEY and right is not None else right


def cases(shared: Path, number: int) -> list[Case]:
    folder = shared / "cases" / "gateways"
    if not folder.is_dir():
        pytest.skip(f"no cases at {folder}")
    found = [Case(path.parent, json.loads(path.read_text())) for path in folder.glob("*/case.json")]
    chosen = [case for case in found if case.content.get("workspace", 1) == number]
    return sorted(chosen, key=lambda case: str(case.content["num"]))


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 2])
def test_every_case_comes_out_right(number: int, shared: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path, models=MODELS)
    together = cases(shared, number)
    for case in together:
        settings = case.content["config"] or f'format = "{case.content["format"]}"\n'
        workspace.configure(case.source, settings)
        name = case.content["filename"]
        workspace.drop(case.source, name, (case.path / name).read_bytes())
    quarantined = {report.source_name: report.rows_quarantined for report in workspace.land()}
    workspace.build()
    wrong = []
    for case in together:
        if "scored_with" in case.content:
            continue
        answers = [
            (what, workspace.value(sql), right)
            for what, sql, right in case.questions
            if not (case.content["num"] in DECIDED and what == "estimate")
        ]
        if "quarantined" in case.content["right"]:
            right = case.content["right"]["quarantined"]
            answers.append(("quarantined", quarantined[case.source], right))
        if case.content["num"] in DECIDED:
            answers.append(("decided", workspace.value(DECIDED[case.content["num"]]), 0))
        wrong += [
            f"{case.path.name}: {what} is {got} instead of {right}"
            for what, got, right in answers
            if not _equal(got, right)
        ]
    assert not wrong, "\n".join(wrong)


def _equal(got: Any, right: Any) -> bool:
    """The same; money to the nine decimals of an estimate, give or take a rounding of each call."""
    if isinstance(right, Decimal):
        return got is not None and abs(Decimal(str(got)) - right) <= Decimal("2e-9")
    return bool(got == right)
