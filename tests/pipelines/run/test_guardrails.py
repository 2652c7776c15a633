"""What a gateway reads: valid by the schema that is shipped, whole at any moment, without a key."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest

from pipelines.run.guardrails import SCHEMA, write_guardrails

AS_OF = "2026-10-11 00:00:00"


@pytest.fixture
def showback(tmp_path: Path) -> Path:
    """A published file with one limit of each kind of thing."""
    file = tmp_path / "showback.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("create schema reports")
        con.execute(
            "create table reports.rpt_budget_state (scope varchar, member varchar, period varchar,"
            " kind varchar, limit_usd decimal(28, 9), spent_usd decimal(28, 9),"
            " remaining_usd decimal(28, 9), projected_usd decimal(28, 9), state varchar,"
            " reason varchar, recommendation varchar, rule varchar, evidence varchar,"
            " owner varchar, source varchar, unit varchar default 'usd', limit_quantity"
            " decimal(28, 9), used_quantity decimal(28, 9), remaining_quantity decimal(28, 9),"
            " projected_quantity decimal(28, 9), used_ratio double, exhausted_at timestamp,"
            " exhausted_at_burn timestamp, period_start timestamp default '2026-10-01',"
            f" period_end timestamp default '2026-11-01', as_of timestamp default '{AS_OF}',"
            " expires_at timestamp)"
        )
        con.execute(
            """
            insert into reports.rpt_budget_state by name
            select *, 'it stands there' as reason, 'config/limits.csv:' || n as source from (values
            (2, 'team', 'Chat', 'month', 'hard', 100, 120.5, -20.5, 130, 'over', 'block', 'cap'),
            (3, 'team', 'Chat', 'month', 'soft', 90, 120.5, -30.5, 130, 'over', 'warn', 'cap'),
            (4, 'team', 'Chat', 'day', 'hard', 10, 1, 9, 8, 'ok', 'none', null),
            (5, 'api_key', '0123456789abcdef', 'day', 'hard', 5, 1, 4, 2, 'ok', 'none', null),
            (6, 'tenant', 'acme', '5h', 'soft', 5.25, null, null, null, 'unknown', 'none', null)
            ) as t (n, scope, member, period, kind, limit_usd, spent_usd, remaining_usd,
                projected_usd, state, recommendation, rule)
            """.replace("select *,", "select * exclude (n),")
        )
        con.execute(
            "insert into reports.rpt_budget_state by name select 'team' as scope, 'Chat' as member,"
            " 'week' as period, 'hard' as kind, 'tokens' as unit, 5000000 as limit_quantity,"
            " 4000000 as used_quantity, 1000000 as remaining_quantity, 0.8 as used_ratio, 'ok' as"
            " state, 'it stands there' as reason, 'none' as recommendation,"
            " 'config/limits.csv:7' as source"
        )
    return file


def read(folder: Path, name: str) -> dict[str, Any]:
    return dict(json.loads((folder / name).read_text(encoding="utf-8")))


def test_the_file_is_what_its_schema_says(showback: Path, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    assert write_guardrails(showback, exports) == 6
    document = read(exports, "guardrails.json")
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    assert read(exports, SCHEMA.name) == schema
    assert (document["made_at"], document["expires_at"]) == (
        "2026-10-11T00:00:00Z", "2026-10-12T00:00:00Z",
    )  # fmt: skip
    (plan,) = [limit for limit in document["limits"] if limit["unit"] == "tokens"]
    assert (plan["limit_usd"], plan["limit_quantity"], plan["used_ratio"]) == (
        None, "5000000.000000000", 0.8,
    )  # fmt: skip
    (tenant,) = [limit for limit in document["limits"] if limit["scope"] == "tenant"]
    assert (tenant["limit_usd"], tenant["spent_usd"]) == ("5.250000000", None)


@pytest.mark.parametrize(
    ("name", "value"), [("state", "fine"), ("spent_usd", 1.5), ("expires_at", "soon"), ("more", 1)]
)
def test_the_schema_refuses_what_is_otherwise(
    showback: Path, tmp_path: Path, name: str, value: object
) -> None:
    write_guardrails(showback, tmp_path / "exports")
    document = read(tmp_path / "exports", "guardrails.json")
    document["limits"][0][name] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, json.loads(SCHEMA.read_text()))


def test_litellm_is_told_the_period_with_least_room_and_never_a_key(
    showback: Path, tmp_path: Path
) -> None:
    write_guardrails(showback, tmp_path / "exports")
    assert read(tmp_path / "exports", "litellm_budgets.json")["updates"] == [
        {"endpoint": "/key/update", "body": {"max_budget": 5.0, "budget_duration": "1d"},
         "sources": ["config/limits.csv:5"]},
        {"endpoint": "/team/update",
         "body": {"team_id": "Chat", "max_budget": 100.0, "soft_budget": 90.0,
                  "budget_duration": "30d"},
         "sources": ["config/limits.csv:2", "config/limits.csv:3"]},
        {"endpoint": "/budget/update",
         "body": {"budget_id": "tenant:acme", "soft_budget": 5.25, "budget_duration": "5h"},
         "sources": ["config/limits.csv:6"]},
    ]  # fmt: skip


def test_a_run_that_is_killed_while_it_writes_leaves_the_file_of_before(
    showback: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports = tmp_path / "exports"
    write_guardrails(showback, exports)
    before = (exports / "guardrails.json").read_bytes()

    def killed(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        write_guardrails(showback, exports)
    assert (exports / "guardrails.json").read_bytes() == before


def test_without_a_limit_there_is_no_file_and_an_old_one_is_emptied(
    showback: Path, tmp_path: Path
) -> None:
    write_guardrails(showback, tmp_path / "exports")
    with duckdb.connect(str(showback)) as con:
        con.execute("delete from reports.rpt_budget_state")
    assert write_guardrails(showback, tmp_path / "none") == 0
    assert not (tmp_path / "none").exists()
    write_guardrails(showback, tmp_path / "exports")
    document = read(tmp_path / "exports", "guardrails.json")
    jsonschema.validate(document, json.loads(SCHEMA.read_text()))
    assert document["limits"] == []
