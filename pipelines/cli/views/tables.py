"""Tables of results: as text, JSON or CSV, by one description of their columns."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rich.text import Text

from dashboards.kit.spreadsheets import as_text_cell
from pipelines.cli.presentation import Output, presentation
from pipelines.cli.views.console import console, data_stream, print_line, visible
from pipelines.cli.views.layout import lay_out
from pipelines.queries.json_values import json_value


@dataclass(frozen=True)
class Column:
    """A column of a printed table.

    Attributes:
        name: its key in JSON and its head in CSV.
        heading: what stands over it in text; the name when empty.
        show: its values in text.
    """

    name: str
    heading: str = ""
    show: Callable[[Any], str] | None = None


@dataclass(frozen=True)
class Table:
    """Records of one shape, in the order in which they are printed.

    Attributes:
        name: tells its records from others when a command prints several tables.
        title: what stands over it in text.
    """

    name: str
    columns: Sequence[Column]
    records: Sequence[Sequence[Any]]
    title: str = ""


def print_tables(*tables: Table) -> None:
    """Print tables in the form that the user asked for.

    JSON is one array, CSV one list: several tables are told apart by a first column `table`.
    """
    output = presentation().output
    if output is Output.JSON:
        _print_json(tables)
    elif output is Output.CSV:
        _print_csv(tables)
    else:
        for table in tables:
            _print_text(table)


def as_text(value: Any) -> str:
    """A value as a person reads it: NULL is said, decimals have no exponent."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list | tuple | dict):
        return json.dumps(json_value(value), ensure_ascii=False)
    return value.hex() if isinstance(value, bytes) else str(value)


def usd(digits: int) -> Callable[[Any], str]:
    """Dollars with thousands and so many digits after the point; unknown ones are NULL."""
    return lambda value: "NULL" if value is None else f"{value:,.{digits}f}"


def dash(value: Any) -> str:
    """A value that may be absent without being unknown."""
    return "-" if value is None else as_text(value)


def blank(value: Any) -> str:
    """A remark, or nothing."""
    return "" if value is None else as_text(value)


def month(value: date) -> str:
    """A month by its first day."""
    return f"{value:%Y-%m}"


def _print_text(table: Table) -> None:
    out = console()
    if table.title:
        print_line(out, (table.title, "bold"))
    if not table.records:
        out.print("no rows")
        return
    shown = [column.show or as_text for column in table.columns]
    lines = lay_out(
        [visible(column.heading or column.name) for column in table.columns],
        [
            [visible(show(value)) for show, value in zip(shown, record, strict=True)]
            for record in table.records
        ],
        [_is_number(record[i] for record in table.records) for i in range(len(table.columns))],
        out.width if out.is_terminal else None,
    )
    for line, is_heading in lines:
        if is_heading and out.is_terminal:
            out.print(Text(line, "bold"), soft_wrap=True)
        else:
            out.file.write(line + "\n")


def _is_number(values: Iterable[Any]) -> bool:
    first = next((value for value in values if value is not None), None)
    return isinstance(first, int | float | Decimal) and not isinstance(first, bool)


def _print_json(tables: Sequence[Table]) -> None:
    objects = [
        json.dumps(_object(table, record, several=len(tables) > 1), ensure_ascii=False)
        for table in tables
        for record in table.records
    ]
    data_stream().write("[" + ",".join(f"\n  {text}" for text in objects) + "\n]\n")


def _object(table: Table, record: Sequence[Any], *, several: bool) -> dict[str, Any]:
    values = map(json_value, record)
    names = (column.name for column in table.columns)
    return ({"table": table.name} if several else {}) | dict(zip(names, values, strict=True))


def _print_csv(tables: Sequence[Table]) -> None:
    several = len(tables) > 1
    names = list(dict.fromkeys(c.name for table in tables for c in table.columns))
    writer = csv.writer(data_stream(), lineterminator="\n")
    writer.writerow(["table", *names] if several else names)
    for table in tables:
        own = [column.name for column in table.columns]
        for record in table.records:
            values = dict(zip(own, record, strict=True))
            cells = [_cell(values.get(name)) for name in names]
            writer.writerow([table.name, *cells] if several else cells)


def _cell(value: Any) -> str:
    """A cell of CSV: unknown is empty, a text that looks like a formula is marked as text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return as_text_cell(value)
    return as_text(value)
