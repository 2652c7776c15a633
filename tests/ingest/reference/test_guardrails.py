"""`config/calendar.csv`, `incident_marks.csv`, `limits.csv`: what they say, what is refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError
from ingest.records.pseudonyms import pseudonym_of
from ingest.reference.guardrails.incident_marks import INCIDENT_MARKS
from ingest.reference.guardrails.limits import LIMITS, named_pseudonyms
from ingest.reference.guardrails.planned_events import PLANNED_EVENTS
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
        (LIMITS, ["feature,,month,5,hard,,A,,,"], "member.*name the feature, or write \\*"),
        (LIMITS, ["company,chat,month,5,hard,,A,,,"], "member.*leave it empty"),
        (LIMITS, ["feature,chat,year,5,hard,,A,,,"], "period.*'year' is not one of month"),
        (LIMITS, ["feature,chat,month,0,hard,,A,,,"], "limit_usd.*above 0"),
        (LIMITS, ["feature,chat,month,5,firm,,A,,,"], "kind.*'firm' is not one of hard, soft"),
        (LIMITS, ["feature,chat,month,5,hard,half,A,,,"], "warn_at.*'half' is no share"),
        (LIMITS, ["feature,chat,month,5,hard,80,A,,,"], "warn_at.*at most 1"),
        (LIMITS, ["feature,chat,month,5,hard,,,,,"], "owner.*name a team or a person"),
        (
            LIMITS,
            ["feature,chat,month,5,hard,,A,,,", "feature,chat,month,6,hard,,A,2026-10-01,,"],
            "overlaps line 2",
        ),
    ],
)
def test_a_wrong_row_is_refused_with_its_cure(
    tmp_path: Path, table: ReferenceTable[Any], rows: list[str], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        read(table, tmp_path, *rows)


def test_a_limit_names_its_member_and_warns_from_its_least_mark(tmp_path: Path) -> None:
    chat, everybody, company = read(
        LIMITS,
        tmp_path,
        "feature,chat,month,900,hard,1 | 0.5,Chat Team,2026-10-01,,",
        "user,*,day,5,soft,,Platform,,,",
        "company,,week,0.25,soft,,FinOps,,,",
    )
    assert (chat.names, chat.warn_at) == (("chat",), (Decimal("0.5"), Decimal(1)))
    assert (everybody.names, everybody.warn_at) == (("*",), (Decimal("0.8"),))
    assert (company.names, company.limit_usd) == (("all",), Decimal("0.25"))


PLAN = LIMITS.template.strip() + ",unit,limit_quantity\n"


def test_a_limit_may_be_of_tokens_or_requests(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        PLAN + "team,Chat,5h,,hard,,Ada,,,,uncached_tokens,5000000\n"
        "team,Chat,week,,hard,,Ada,,,,requests,900\nteam,Chat,week,7,hard,,Ada,,,,,\n"
    )
    assert [(row.unit, row.limit_usd, row.limit_quantity) for row in LIMITS.read(path)] == [
        ("uncached_tokens", None, 5_000_000), ("requests", None, 900), ("usd", 7, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (",hard,,A,,,,words,9", "unit.*'words' is not one of usd, tokens"),
        ("7,hard,,A,,,,tokens,9", "limit_usd.*leave it empty: the limit is in tokens"),
        (",hard,,A,,,,tokens,", "limit_quantity.*write tokens for a period"),
        (",hard,,A,,,,tokens,1.5", "limit_quantity.*above 0"),
        ("7,hard,,A,,,,,9", "limit_quantity.*say of what"),
        (",hard,,A,,,,,", "limit_usd.*write USD for a period"),
    ],
)
def test_a_limit_states_one_amount_in_one_unit(tmp_path: Path, cells: str, words: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{PLAN}team,Chat,week,{cells}\n")
    with pytest.raises(ConfigError, match=words):
        LIMITS.read(path)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("model,m,minute,7,hard,,A,,,,,", "period.*a minute is of tokens or requests"),
        ("model,*,minute,,hard,,A,,,,requests,7", "period.*of one member"),
        ("user,u,minute,,hard,,A,,,,requests,7", "period.*of one member"),
    ],
)
def test_a_quota_is_of_one_member_that_a_provider_knows(
    tmp_path: Path, row: str, words: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{PLAN}{row}\n")
    with pytest.raises(ConfigError, match=words):
        LIMITS.read(path)


def test_a_limit_of_a_key_holds_for_whatever_rotations_of_the_salt_made_of_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(LIMITS.template + "api_key,sk-of-chat,day,5,hard,,Chat Team,,,\n")
    (one,) = LIMITS.read(path, salt="first")
    now = pseudonym_of("sk-of-chat", "first\nsecond")
    assert one.names == (pseudonym_of("sk-of-chat", "first"),)
    (two,) = LIMITS.read(path, salt="first\nsecond")
    assert two.names == (now,)
    path.write_text(path.read_text().replace("sk-of-chat", one.names[0]))
    (three,) = LIMITS.read(path, salt="first\nsecond")
    assert now in three.names
    assert named_pseudonyms(path) == {one.names[0]: 2}
