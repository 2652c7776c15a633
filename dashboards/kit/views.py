"""Tables that the reader filters in the page: parts prepared here, one of them shown at a time.

A page holds the part that is shown first, so that it reads without a script and on paper. All
stand in data files below `data/`, each a script that the page loads when it is asked for: a page
opened from disk may load nothing else. Every part is tables as `tables.py` formats them: the script
chooses and shows, and computes nothing. What is chosen stands in the address of the page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from dashboards.kit.formatting import day, month
from dashboards.kit.reports import Reports, Row
from dashboards.kit.tables import Cell, Column, Line, Table
from dashboards.kit.theme import script_json

MONTHS_SHOWN = 13
"""Newest months to choose from: a month, and the same of the year before."""

PERIODS_SHOWN = {"month": MONTHS_SHOWN, "week": 13, "day": 35}
"""Newest periods of each grain to choose from: a quarter of weeks, five weeks of days."""

GRAINS = {"month": "Month", "week": "Week", "day": "Day"}


def newest_periods(
    reports: Reports, relation: str, grain: str, columns: str, order: str
) -> list[Row]:
    """Rows of those periods of a grain that can be chosen, the newest first.

    Args:
        relation: a report with `period_grain` and `period_start`.
        columns: what to select beside `period_start`.
        order: of the rows of a period.
    """
    return reports.rows(
        f"select period_start, {columns} from {relation} where period_grain = ? and period_start in"
        f" (select distinct period_start from {relation}"
        f" where period_grain = ? order by 1 desc limit ?) order by period_start desc, {order}",
        (grain, grain, PERIODS_SHOWN[grain]),
    )


def period_name(grain: str, start: dt.date) -> str:
    """A period as the reader chooses it."""
    if grain == "month":
        return month(start)
    return f"week from {day(start)}" if grain == "week" else day(start)


@dataclass(frozen=True)
class Control:
    """Something to choose: its name in the address, and what stands beside it."""

    name: str
    label: str


@dataclass(frozen=True)
class Option:
    """One value of a control: as the address has it, and as the reader does."""

    value: str
    words: str


PREVIOUS = Option("previous", "the period before")
YEAR_BEFORE = Option("year_before", "a year before")


def beside(option: Option, field: str, kind: str) -> tuple[Column, Column]:
    """Columns of a report that compare with something: its figure `<option><field>`, the change."""
    name, group = option.value, f"Beside {option.words}"
    return (
        Column(
            f"{name}{field}", "Was" if "before" in option.words else "Is", kind, group, only=name
        ),
        Column(f"{name}_change_ratio", "Change", "signed_ratio", group, only=name),
    )


@dataclass(frozen=True)
class Part:
    """What is shown of one choice.

    Attributes:
        options: one for each control of the view.
        tables: with their titles and captions.
        file: the data file that holds them, without folder and ending.
        title: heading above all of them, if they need one.
        badge: what holds of all of them, behind the heading.
        note: a sentence below the heading, and its role (`agrees` or `differs`).
    """

    options: tuple[Option, ...]
    tables: tuple[Table, ...]
    file: str
    title: str = ""
    badge: str = ""
    note: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class View:
    """Filtered tables as a template prints them.

    Attributes:
        key: identifier of its element, and folder of its data files.
        controls: what can be chosen; which values a control has depends on those before it.
        parts: what is shown of every choice, in the order in which values can be chosen.
        initial: position of the part that is shown before anything is chosen.
        comparisons: what figures can be seen beside, each the columns that are shown `only` with
            it; the first is chosen at first.
    """

    key: str
    controls: tuple[Control, ...]
    parts: tuple[Part, ...]
    initial: int = 0
    comparisons: tuple[Option, ...] = ()

    @property
    def beside(self) -> str:
        """The comparison that is shown before anything is chosen; "" without any."""
        return self.comparisons[0].value if self.comparisons else ""

    @property
    def first(self) -> Part:
        """What is shown before anything is chosen."""
        return self.parts[self.initial]

    @property
    def index(self) -> Markup:
        """Controls and parts as `views.js` reads them."""
        return script_json(
            {
                "controls": [control.name for control in self.controls],
                "initial": self.initial,
                "beside": [option.value for option in self.comparisons],
                "parts": [
                    {
                        "values": [option.value for option in part.options],
                        "words": [option.words for option in part.options],
                        "file": f"{self.key}/{part.file}",
                    }
                    for part in self.parts
                ],
            }
        )

    def files(self) -> Iterator[tuple[str, str]]:
        """Each data file: its path below `data/`, and the script that it is."""
        ordered = sorted(self.parts, key=lambda part: part.file)
        for file, parts in groupby(ordered, key=lambda part: part.file):
            name = f"{self.key}/{file}"
            yield f"{name}.js", f"outlayData({script_json(name)},{script_json(_content(parts))});\n"


def view(
    key: str,
    controls: Sequence[Control],
    parts: Iterable[Part],
    first: Sequence[str] = (),
    comparisons: Sequence[Option] = (),
) -> View | None:
    """A view of parts that hold a line; None without any.

    Args:
        first: values of the part that is shown first, if there is one; else the first of all.
        comparisons: what figures can be seen beside.
    """
    filled = tuple(part for part in parts if any(table.lines for table in part.tables))
    values = [tuple(option.value for option in part.options) for part in filled]
    initial = values.index(tuple(first)) if tuple(first) in values else 0
    return View(key, tuple(controls), filled, initial, tuple(comparisons)) if filled else None


def _content(parts: Iterable[Part]) -> dict[str, object]:
    return {
        " ".join(option.value for option in part.options): {
            "title": part.title,
            "badge": part.badge,
            "note": part.note,
            "tables": [_table(table) for table in part.tables],
        }
        for part in parts
    }


def _table(table: Table) -> dict[str, object]:
    return {
        "title": table.title,
        "caption": table.caption,
        "empty": table.empty,
        "relation": table.relation,
        "groups": table.groups,
        "columns": [
            [column.heading, column.help, int(column.numeric), int(column.bars), column.only]
            for column in table.columns
        ],
        "lines": [_line(line) for line in table.lines],
    }


def _line(line: Line) -> list[object]:
    """Role of a line, then of each cell text, exact value, tooltip, badge; a text as it is."""
    return [line.css, *(_cell(cell) for cell in line.cells)]


def _cell(cell: Cell) -> object:
    raw = "" if cell.raw == cell.text else cell.raw
    more = [raw, cell.tooltip, cell.badge]
    return [cell.text, *more] if any(more) else cell.text
