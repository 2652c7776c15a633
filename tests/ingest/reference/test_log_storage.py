"""What keeping logs costs, as a workspace writes it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.errors import ConfigError
from ingest.reference.columns import ALWAYS, OPEN
from ingest.reference.log_storage import LOG_STORAGE, LogStorage


def written(tmp_path: Path, *rows: str) -> tuple[LogStorage, ...]:
    path = tmp_path / "log_storage.csv"
    path.write_text("\n".join([",".join(LOG_STORAGE.header), *rows]) + "\n", encoding="utf-8")
    return LOG_STORAGE.read(path)


def test_a_price_and_a_policy_hold_by_day(tmp_path: Path) -> None:
    rows = written(tmp_path, "*,0.023,,,,,2026-07-01,", "*,0.03,365,30,90,2026-07-01,,dearer")
    assert [(row["source_name"], row["usd_per_gb_month"], row["retention_days"],
             row["keep_at_least_days"], row["keep_at_most_days"], row["valid_from"],
             row["valid_to"]) for row in LOG_STORAGE.to_arrow(rows).to_pylist()] == [
        ("*", Decimal("0.023"), None, None, None, ALWAYS, datetime(2026, 7, 1)),
        ("*", Decimal("0.03"), 365, 30, 90, datetime(2026, 7, 1), OPEN),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([",1,,,,,,"], "row 2, column source: name the source"),
        (["a,,,,,,,"], "row 2, column usd_per_gb_month: '' is not a number"),
        (["a,1,1.5,,,,,"], "row 2, column retention_days: write a whole number of days"),
        (["a,1,30,90,60,,,"], "row 2, column keep_at_most_days: must not lie below"),
        (["a,1,,,,2026-07-01T10:00:00Z,,"], "row 2, column valid_from: they hold by whole days"),
        (["a,1,,,,,,", "a,2,,,,2026-07-01,,"], "row 3, column"),
    ],
)
def test_a_wrong_row_is_named_with_its_cure(tmp_path: Path, rows: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as found:
        written(tmp_path, *rows)
    assert message in str(found.value)
