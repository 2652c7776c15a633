"""`config/calendar.csv` and `config/incident_marks.csv`: what they say, and what is refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError
from ingest.reference.incident_marks import INCIDENT_MARKS
from ingest.reference.planned_events import PLANNED_EVENTS
from ingest.reference.table import ReferenceTable


def read(table: ReferenceTable[Any], tmp_path: Path, *rows: str) -> tuple[Any, ...]:
    path = tmp_path / "t.csv"
    path.write_text(table.template + "\n".join(rows) + "\n")
    return table.read(path)


def test_a_planned_event_multiplies_what_is_usual_while_it_lasts(tmp_path: Path) -> None:
    (event,) = read(
        PLANNED_EVENTS, tmp_path, "Black Friday,,2.5,Sales,2026-11-27,2026-12-01T06:00Z,as in 2025"
    )
    assert (event.event, event.feature, event.uplift) == ("Black Friday", None, Decimal("2.5"))
    assert (event.valid_from, event.valid_to) == (
        datetime(2026, 11, 27), datetime(2026, 12, 1, 6),
    )  # fmt: skip


def test_a_mark_names_an_incident_and_may_hold_for_later_ones(tmp_path: Path) -> None:
    once, longer = read(
        INCIDENT_MARKS, tmp_path, "a,planned,ada,,", "b,acknowledged,bob,2026-11-01,on it"
    )
    assert (once.incident_id, once.status, once.marked_by, once.until) == (
        "a", "planned", "ada", None,
    )  # fmt: skip
    assert longer.until == datetime(2026, 11, 1)


@pytest.mark.parametrize(
    ("table", "rows", "words"),
    [
        (PLANNED_EVENTS, ["sale,,0,Sales,2026-11-27,2026-12-01,"], "uplift.*above 0"),
        (PLANNED_EVENTS, ["sale,,2,Sales,,2026-12-01,"], "valid_from.*begins and ends"),
        (PLANNED_EVENTS, ["sale,,2,,2026-11-27,2026-12-01,"], "owner.*name a team"),
        (
            PLANNED_EVENTS,
            ["sale,,2,S,2026-11-27,2026-12-01,", "sale,,3,S,2026-11-30,2026-12-02,"],
            "overlaps line 2",
        ),
        (INCIDENT_MARKS, ["a,ignored,ada,,"], "status.*'ignored' is not one of acknowledged"),
        (INCIDENT_MARKS, ["a,planned,,,"], "by.*name a person"),
        (INCIDENT_MARKS, ["a,planned,ada,soon,"], "until.*'soon' is not a date"),
        (INCIDENT_MARKS, ["a,planned,ada,,", "a,false_alarm,bob,,"], "line 2 marks it too"),
    ],
)
def test_a_wrong_row_is_refused_with_its_cure(
    tmp_path: Path, table: ReferenceTable[Any], rows: list[str], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        read(table, tmp_path, *rows)
