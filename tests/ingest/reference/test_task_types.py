"""Task types: what a row holds, and what is refused with file, row and cure."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.reference.columns import ALWAYS, OPEN
from ingest.reference.task_types import TASK_TYPES


def task_types(folder: Path, *rows: str) -> Path:
    path = folder / "task_types.csv"
    path.write_text("\n".join([",".join(TASK_TYPES.header), *rows]) + "\n")
    return path


def test_a_type_holds_its_words_its_floor_its_hold_and_its_worth(tmp_path: Path) -> None:
    path = task_types(
        tmp_path,
        "ticket,Resolved | answered,escalated,duplicate|spam,0.65,14,2.5,60,5,8.75,2026-10-01,,",
        "patch,,,,,,,,,,,,nothing but what the sources say",
    )
    ticket, patch = TASK_TYPES.to_arrow(TASK_TYPES.read(path)).to_pylist()
    assert ticket == {
        "task_type": "ticket", "success": ["resolved", "answered"], "failure": ["escalated"],
        "neutral": ["duplicate", "spam"], "min_score": Decimal("0.65"), "hold_days": 14,
        "human_minutes": Decimal("2.5"), "human_usd_per_hour": 60, "value_usd": 5,
        "baseline_usd": Decimal("8.75"), "one_off_usd": None,
        "valid_from": datetime(2026, 10, 1), "valid_to": OPEN,
        "source": "config/task_types.csv:2",
    }  # fmt: skip
    assert patch == {
        **dict.fromkeys(ticket), "task_type": "patch", "success": [], "failure": [], "neutral": [],
        "valid_from": ALWAYS, "valid_to": OPEN, "source": "config/task_types.csv:3",
    }  # fmt: skip


def test_what_it_cost_once_may_be_stated_and_is_more_than_nothing(tmp_path: Path) -> None:
    path = tmp_path / "task_types.csv"
    header = ",".join([*TASK_TYPES.header, "one_off_usd"])
    path.write_text(f"{header}\nticket,,,,,,,,,,,,,60000\n")
    assert TASK_TYPES.read(path)[0].one_off_usd == 60000
    path.write_text(f"{header}\nticket,,,,,,,,,,,,,0\n")
    with pytest.raises(ConfigError, match="column one_off_usd: write USD that it cost, once"):
        TASK_TYPES.read(path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",a,,,,,,,,,,,", "column task_type: name the task type as calls do"),
        ("t,a |,,,,,,,,,,,", r"column success: write outcomes with \| between: resolved"),
        ("t,a | b,B,,,,,,,,,,", "column failure: 'b' stands under success too: keep one"),
        ("t,,a,c|A,,,,,,,,,", "column neutral: 'a' stands under failure too: keep one"),
        ("t,,,,high,,,,,,,,", "column min_score: 'high' is not a number: write the score"),
        ("t,,,,,0,,,,,,,", "column hold_days: write a whole number of days, above 0 and below 367"),
        ("t,,,,,1.5,,,,,,,", "column hold_days: write a whole number of days"),
        ("t,,,,,,5,,,,,,", "column human_usd_per_hour: human_minutes need the rate of an hour"),
        ("t,,,,,,-5,9,,,,,", "column human_minutes: write minutes of people's work"),
        ("t,,,,,,,,x,,,,", "column value_usd: 'x' is not a number: write USD that a success"),
        ("t,,,,,,,,,-1,,,", "column baseline_usd: write USD that the same success cost before"),
        ("t,,,,,,,,,,2026-10-01T08:00:00Z,,", "column valid_from: .*write YYYY-MM-DD"),
    ],
)
def test_a_wrong_type_is_refused_by_row_and_column(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(ConfigError, match=f"config/task_types.csv: row 2, {message}"):
        TASK_TYPES.read(task_types(tmp_path, row))


def test_two_rows_of_one_type_do_not_hold_at_one_time(tmp_path: Path) -> None:
    rows = ("t,,,,,,,,,,,2026-10-02,", "t,,,,,,,,,,2026-10-01,,")
    with pytest.raises(ConfigError, match="row 3, column valid_from: overlaps line 2, which state"):
        TASK_TYPES.read(task_types(tmp_path, *rows))


def test_a_misspelt_column_is_named_with_the_one_that_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "task_types.csv"
    path.write_text(TASK_TYPES.template.replace("min_score", "min_scores"))
    with pytest.raises(ConfigError, match=r"column min_scores: is no column .*mean 'min_score'"):
        TASK_TYPES.read(path)
