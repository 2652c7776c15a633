"""The data quality page: what is missing, what was found wrong, how far figures can be trusted."""

from __future__ import annotations

from tests.dashboards.handful.rows import HOSTILE, HOSTILE_END
from tests.dashboards.page_reader import Page


def test_the_page_tells_what_is_missing(data_quality: Page) -> None:
    assert data_quality.row("Sources", HOSTILE) == [
        "litellm",
        "1 Jul 2026",
        "2",
        "3",
        "1",
        "98,765",
        "12",
        "2 Jul 2026, 03:04 UTC",
    ]
    left_out = data_quality.tables["Left out of the calls, newest month first"][2:]
    assert [[cell.text for cell in line] for line in left_out] == [
        ["July 2026", "gw", "no call", "poll", "—", "1", "—", "—", "—", "—"],
        [
            "June 2026",
            HOSTILE,
            "duplicate",
            "same record",
            "2",
            "1,234",
            "137,906",
            "—",
            "0",
            "$0.18",
        ],
    ]
    assert data_quality.row("Rows quarantined, newest first", "gw") == [
        HOSTILE_END,
        "1207",
        "started_at",
        "no timestamp",
    ]
    assert data_quality.row("Files that could not be loaded, newest first", "gw") == [
        "cut.jsonl.gz",
        "truncated",
    ]
    # what turns a run red comes first; a check that passed is not there
    found = data_quality.tables["Checks that failed"][1:]
    assert [[cell.text for cell in line] for line in found] == [
        ["failed_files", "error", HOSTILE, "deliver the file again"],
        ["burn_rate", "warning", "chat spends 3 times as much", "ask its team"],
    ]
    assert "Last run: succeeded, finished 2 Jul 2026, 03:09 UTC, data as of 1 Jul 2026." in (
        data_quality.text
    )


def test_each_month_says_how_much_of_it_is_not_known(data_quality: Page) -> None:
    shown = data_quality.row("Coverage by month", "June 2026")
    assert shown == [
        "yes", "$12,345.68", "≥\u00a0$12,001.50", "0.4%", "$45.68", "—", "<0.1%", "17", "55", "6",
    ]  # fmt: skip
