"""A model that is cut off at any of its statements leaves its old relation, whole, or the new one.

dbt-duckdb builds beside the old relation and renames; the project's own materializations replace
it in place (`macros/incremental/materializations.sql`) and promise the same.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.conftest import REPOSITORY
from tests.incremental.cutting import ENDED, SETTINGS, build, cut_off
from tests.support.warehouse import Workspace

MODELS = {
    "fct_charges": "marts",  # incremental: deletes a day, appends it anew
    "dim_models": "marts",  # a table
    "stg_fx__currencies": "staging",  # a view, in place of a table of that name
}
"""None of them reads another."""

BILL = (
    "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,BillingAccountId\n"
    "{cost},USD,Usage,2026-09-0{day}T00:00:00Z,AWS,1\n"
)

State = dict[str, Any]

Undisturbed = tuple[Path, Mapping[str, list[str]]]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse that was built once; since then each of the models has something to change."""
    workspace = Workspace(tmp_path_factory.mktemp("before"), SETTINGS, tuple(MODELS))
    workspace.configure("bill", 'format = "focus"')
    workspace.prices("house,house-1,standard,output,2,,,,")
    for day in (1, 2):
        workspace.drop("bill", f"{day}.csv", BILL.format(day=day, cost=day))
    workspace.build()
    workspace.prices("house,house-1,standard,output,2,,,,", "house,house-2,standard,output,9,,,,")
    workspace.drop("bill", "3.csv", BILL.format(day=2, cost=5))
    workspace.land()
    workspace.register()
    with duckdb.connect(str(workspace.warehouse)) as con:
        con.execute("drop view staging.stg_fx__currencies")
        con.execute("create table staging.stg_fx__currencies as select 'of old' as currency")
    return workspace.warehouse


@pytest.fixture(scope="module")
def undisturbed(before: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The same warehouse with the models built, and what each of them said."""
    warehouse = copied(before, tmp_path_factory.mktemp("undisturbed"))
    with cut_off(None, lambda: None) as said:
        assert build(warehouse, *MODELS) == []
    return warehouse, {model: said[model] for model in MODELS}


def copied(warehouse: Path, folder: Path) -> Path:
    """A copy under the same name: relations are called by it."""
    folder.mkdir(exist_ok=True)
    target = folder / warehouse.name
    target.unlink(missing_ok=True)
    target.with_name(target.name + ".wal").unlink(missing_ok=True)
    return Path(shutil.copyfile(warehouse, target))


def state(warehouse: Path, model: str) -> State:
    """A model's relation by kind, columns, comments and rows, and which relations there are."""
    own = f"schema_name = '{MODELS[model]}'"
    with duckdb.connect(str(warehouse)) as con:
        con.execute("set TimeZone = 'UTC'")
        asked = {
            "relations": "select schema_name, table_name from duckdb_columns() group by all",
            "table": f"from duckdb_tables() select comment where {own} and table_name = '{model}'",
            "view": f"from duckdb_views() select comment where {own} and view_name = '{model}'",
            "columns": "select column_index, column_name, data_type, comment from duckdb_columns()"
            f" where {own} and table_name = '{model}'",
            "rows": f"from {MODELS[model]}.{model}",
        }
        return {what: con.execute(f"from ({sql}) order by all").fetchall()
                for what, sql in asked.items()}  # fmt: skip


def test_each_model_changes_in_few_statements(before: Path, undisturbed: Undisturbed) -> None:
    after, statements = undisturbed
    for model in MODELS:
        assert state(before, model) != state(after, model), model
    assert {m: [one.split()[0].lower() for one in said] for m, said in statements.items()} == {
        # the contract and the table's own columns are compared in one select each
        "fct_charges": ["begin", "delete", "select", "insert", "commit"],
        "dim_models": ["begin", "create", "select", *["comment"] * 6, "commit"],
        "stg_fx__currencies": ["begin", "drop", "create", "comment", "commit"],
    }


@pytest.mark.slow
def test_an_error_in_any_statement_leaves_the_old_relation(
    before: Path, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    def fail() -> None:
        raise RuntimeError("cut off")

    _, statements = undisturbed
    for nth in range(1, max(map(len, statements.values())) + 1):
        warehouse = copied(before, tmp_path)
        with cut_off(nth, fail):
            assert build(warehouse, *MODELS) == [m for m in MODELS if nth <= len(statements[m])]
        for model in MODELS:
            if nth <= len(statements[model]):
                assert state(warehouse, model) == state(before, model), (model, nth)


@pytest.mark.slow
def test_a_process_that_ends_at_any_statement_leaves_one_of_both_and_the_next_run_cures_it(
    before: Path, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    after, statements = undisturbed
    cuts = [(m, nth) for m in MODELS for nth in range(1, len(statements[m]) + 1)]
    left = {cut: copied(before, tmp_path / f"{cut[0]}-{cut[1]}") for cut in cuts}
    jobs = json.dumps([[str(left[cut]), *cut] for cut in cuts])
    ended = subprocess.run(
        [sys.executable, "-m", "tests.incremental.cutting", jobs],
        cwd=REPOSITORY, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.stdout.split() == [str(ENDED)] * len(cuts)
    for (model, nth), warehouse in left.items():
        assert state(warehouse, model) == state(before, model), (model, nth)
        assert build(warehouse, model) == []
        assert state(warehouse, model) == state(after, model), (model, nth)
