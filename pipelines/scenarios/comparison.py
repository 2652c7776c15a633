"""Two warehouses side by side: the same mart of each, summed and subtracted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb

from dashboards.kit.spreadsheets import as_text_cell_sql
from ingest.files import make_folder, put_in_place
from ingest.sql import literal

DIMENSIONS = (
    "cost_centre",
    "team",
    "feature",
    "tenant_id",
    "provider",
    "model_id",
    "line",
    "pool",
)
"""What a difference is told by; a mart that lacks one leaves it empty."""


@dataclass(frozen=True)
class Measure:
    """A sum of dollars that two warehouses both have.

    Attributes:
        name: as tables call it.
        mart: relation.
        day: its date column.
        usd: its column of dollars.
        counts: whether it counts calls and unpriced ones.
    """

    name: str
    mart: str
    day: str
    usd: str
    counts: bool = False


ESTIMATE = Measure("estimate", "fct_team_usage_daily", "call_date", "estimate_usd", counts=True)
CHARGE = Measure("allocated charge", "fct_showback", "month", "charge_usd")


@dataclass(frozen=True)
class Difference:
    """One line of a comparison.

    Attributes:
        members: values of the dimensions that were asked for, in their order.
        old_usd: None when nothing of it is known.
        new_usd: the same of the candidate.
        difference_usd: what the candidate adds to the old sum; None when both are unknown.
        old_unpriced: calls without a price, None for a measure without calls.
        new_unpriced: the same of the candidate.
    """

    month: date
    members: tuple[str | None, ...]
    old_usd: Decimal | None
    new_usd: Decimal | None
    difference_usd: Decimal | None
    old_unpriced: int | None
    new_unpriced: int | None

    @property
    def is_changed(self) -> bool:
        """Whether the two sides differ in dollars, or in what has no price."""
        return bool(self.difference_usd) or self.old_unpriced != self.new_unpriced


@contextmanager
def side_by_side(old: Path, new: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that sees a warehouse, or two, read-only, as `old` and `new`."""
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"attach {literal(str(old))} as old (read_only)")
        if new:
            con.execute(f"attach {literal(str(new))} as new (read_only)")
        yield con


def compare(
    con: duckdb.DuckDBPyConnection, measures: Sequence[Measure], first: date, last: date
) -> None:
    """Make the table `differences`: one row a measure, day or month, and members.

    Args:
        con: from `side_by_side`.
        measures: what to compare.
        first: first date, in the mart's own calendar.
        last: last date, inclusive.
    """
    parts = " union all ".join(
        _side(con, measure, *sides)
        for measure in measures
        for sides in (("old", "new"), ("new", "old"))
    )
    con.execute(
        f"""
        create temp table differences as
        select
            measure, day, cast(date_trunc('month', day) as date) as month,
            {", ".join(DIMENSIONS)},
            {_totals()},
            cast(sum(old_calls) as bigint) as old_calls,
            cast(sum(new_calls) as bigint) as new_calls
        from ({parts})
        where day between $first and $last
        group by all
        """,
        {"first": first, "last": last},
    )


def summary(
    con: duckdb.DuckDBPyConnection, measure: Measure, members: Sequence[str]
) -> list[Difference]:
    """The differences of one measure by month and some dimensions, largest change first."""
    listed = "".join(f"{name}, " for name in members)
    rows = con.execute(
        f"from (select month, {listed} {_totals()} from differences where measure = $measure"
        f" group by {listed} month)"
        f" order by {', '.join(['month', 'abs(difference_usd) desc nulls last', *members])}",
        {"measure": measure.name},
    ).fetchall()
    return [Difference(row[0], tuple(row[1:-5]), *row[-5:]) for row in rows]


def write_csv(con: duckdb.DuckDBPyConnection, target: Path) -> None:
    """Write the differences by month and all dimensions; what a tenant names is no formula."""
    shown = ", ".join(f"{as_text_cell_sql(name)} as {name}" for name in DIMENSIONS)
    make_folder(target.parent)
    temporary = target.with_name(f".{target.name}.new")
    con.execute(
        f"copy (select measure, month, {shown}, {_totals()} from differences"
        f" group by all order by all) to {literal(str(temporary))} (format csv)"
    )
    put_in_place(temporary, target)


def _totals() -> str:
    """Sums of both sides; a sum that is unknown adds nothing, and two unknowns have no difference.

    The calls behind an unknown are counted beside it.
    """
    return """
        cast(sum(old_usd) as decimal(28, 12)) as old_usd,
        cast(sum(new_usd) as decimal(28, 12)) as new_usd,
        case when count(old_usd) + count(new_usd) > 0 then cast(
            coalesce(sum(new_usd), 0) - coalesce(sum(old_usd), 0) as decimal(28, 12))
        end as difference_usd,
        cast(sum(old_unpriced) as bigint) as old_unpriced,
        cast(sum(new_unpriced) as bigint) as new_unpriced
    """


def _side(con: duckdb.DuckDBPyConnection, measure: Measure, own: str, other: str) -> str:
    held = {row[0] for row in con.execute(f"describe {own}.marts.{measure.mart}").fetchall()}
    dimensions = ", ".join(
        name if name in held else f"cast(null as varchar) as {name}" for name in DIMENSIONS
    )
    calls, unpriced = ("calls", "unpriced_calls") if measure.counts else ("null", "null")
    columns = {
        f"{own}_usd": measure.usd,
        f"{other}_usd": "null",
        f"{own}_calls": calls,
        f"{other}_calls": "null",
        f"{own}_unpriced": unpriced,
        f"{other}_unpriced": "null",
    }
    listed = ", ".join(
        f"{columns[name]} as {name}"
        for name in ("old_usd", "new_usd", "old_calls", "new_calls", "old_unpriced", "new_unpriced")
    )
    return (
        f"select {literal(measure.name)} as measure, {measure.day} as day, {dimensions}, {listed}"
        f" from {own}.marts.{measure.mart}"
    )
