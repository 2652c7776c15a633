"""Experiments over planted tasks, and over sums of simulated ones, by the models' own SQL."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingest.reference.guardrails.experiments import EXPERIMENTS
from pipelines.dbt_models.plain_macros import macros

START = datetime(2026, 8, 3)
MACROS = (
    "money/measures", "money/logarithms", "experiments/inference", "experiments/conclusions",
)  # fmt: skip

Task = tuple[str, str, str, str, datetime, datetime, Decimal]
Work = tuple[int, int, int]
"""Calls of a task, those that failed, and the milliseconds that models took."""


def judged(
    models: dict[str, Any],
    registered: str,
    tasks: Sequence[Task],
    *,
    as_of: str = "2026-09-01",
    columns: str = "*",
    of: str = "marts.fct_experiment_looks",
    work: Mapping[str, Work] | None = None,
) -> list[tuple[Any, ...]]:
    """Looks at (or reports of) some experiments.

    Args:
        registered: rows of `config/experiments.csv`.
        tasks: id, tenant, variant, status, start, close and cost of tasks of experiment `e`.
        work: by task, what was done for it; one call of a second of all others.
    """
    header = EXPERIMENTS.template.strip() + (",error_margin,p95_limit" if work else "")
    rows = f"{header}\n{registered}"
    with duckdb.connect() as con:
        con.execute("create schema marts; create schema staging; create schema reports")
        con.register("registered", EXPERIMENTS.to_arrow(_parsed(rows)))
        con.execute("create table staging.stg_workspace__experiments as from registered")
        con.execute("create table staging.stg_lake__run_context as"
                    f" select date '{as_of}' as as_of_day")  # fmt: skip
        described = ", ".join(f"{c} {t}" for c, t in models["fct_tasks"].contract.items())
        con.execute(f"create table marts.fct_tasks ({described})")
        con.executemany(
            "insert into marts.fct_tasks (task_id, experiment, tenant_id, variant, status,"
            " started_at, closed_at, estimate_usd, first_call_day, unpriced_calls, calls,"
            " error_calls, model_milliseconds)"
            " select $1, 'e', $2, $3, $4, $5, $6, $7, $5::date, 0, $8, $9, $10",
            [
                (*task, *(work or {}).get(task[0], (1, 0, 1000)))
                for task in tasks or [("none", None, None, "pending", START, None, Decimal(0))]
            ],
        )
        for name in ("dim_experiments", "fct_experiment_looks", "rpt_experiments"):
            node = models[name]
            con.execute(f"create table {node.schema}.{name} as {node.sql}")
        return con.execute(f"select {columns} from {of} order by all").fetchall()


def _parsed(text: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "experiments.csv"
        file.write_text(text)
        return EXPERIMENTS.read(file)


def tasks_of(
    variant: str, good: int, bad: int, usd: str = "1", *, day: int = 0, tenants: int = 1
) -> list[Task]:
    """Tasks that start and close within an hour of a day; every one costs the same."""
    begin = START + timedelta(days=day)
    return [
        (f"{variant}{day}-{n}", f"t{n % tenants}", variant, "success" if n < good else "failure",
         begin, begin + timedelta(hours=1), Decimal(usd))
        for n in range(good + bad)
    ]  # fmt: skip


ONE_LOOK = "e,old,new,as good,task,0.05,{goal},{limit},{cap},1000,1,Ann,2026-08-03,2026-08-17,\n"


def row(goal: str = "", limit: str = "", cap: str = "") -> str:
    return ONE_LOOK.format(goal=goal, limit=limit, cap=cap)


def ended(columns: Mapping[str, Any], of: int, p95_limit: float | None = None) -> dict[str, float]:
    """Share of experiments that end for each reason, of sums by look and side."""
    with duckdb.connect() as con:
        con.register("made", pa.table(columns))
        concluded = macros(*MACROS).concluded("sides")
        rows = con.execute(
            "with sides as (select *, null::decimal(18, 9) as cost_goal,"
            " null::decimal(18, 9) as cost_limit, 0.02::decimal(9, 6) as error_margin,"
            f" {p95_limit or 'null'}::decimal(9, 6) as p95_limit, 0 as control_ms,"
            " 0 as candidate_ms,"
            f" null::decimal(18, 9) as cost_cap_usd from made), looks as ({concluded}),"
            " first as (select experiment, arg_min(reason, look) as reason from looks"
            " where reason is not null group by experiment)"
            " select reason, count(*) from first group by reason"
        ).fetchall()
    return {reason: count / of for reason, count in rows}
