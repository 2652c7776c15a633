"""Rows that a command adds to a table of the workspace's own, `config/*.csv`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from ingest.files import replace_file
from ingest.records.csv_records import separator


def append_rows(file: Path, template: str, rows: Iterable[Sequence[str]]) -> None:
    """Append rows below those that are there, separated as those are.

    Args:
        file: the table, which need not be there yet.
        template: what a table without rows holds.
        rows: cells in the order of the template's header.
    """
    text = file.read_text(encoding="utf-8-sig") if file.exists() else template
    lines = io.StringIO()
    between = separator(text.partition("\n")[0])
    csv.writer(lines, delimiter=between, lineterminator="\n").writerows(rows)
    ended = text if text.endswith("\n") else text + "\n"
    replace_file(file, (ended + lines.getvalue()).encode())
