"""Every change of a price, rule or setting is a dated record, and a record never goes away."""

from __future__ import annotations

import gzip
import hmac
import json
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from ingest.errors import ConfigError
from ingest.prices import history, lookup
from ingest.prices.book import model_prices
from ingest.prices.history import book_facts, book_known_on, keep_book
from ingest.prices.overrides import PRICES
from pipelines.config_history.ledger import facts_of, recorded
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.configured import notice, pending, write

MONDAY, TUESDAY = datetime(2026, 10, 5, 5, 15), datetime(2026, 10, 6, 5, 15)

LIST = "acme,local,,output,4,,,,list"
NEGOTIATED = "acme,local,,output,3,2026-10-01,,,contract 7"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    init_workspace(tmp_path / "acme", company="Acme")
    return Workspace(tmp_path / "acme")


def test_the_first_record_lists_files_and_the_next_one_says_nothing(workspace: Workspace) -> None:
    write(workspace, "prices", LIST)
    first = notice(workspace, MONDAY)
    assert {change.file for change in first} == {
        "outlay.toml", "config/prices.csv", "genai-prices", "outlay",
        *(f"config/sources/{name}.toml"
          for name in ("litellm", "openai", "anthropic", "focus", "outcomes")),
    }  # fmt: skip
    assert {tuple(change.facts()) for change in first} == {(("first recorded", None),)}
    assert notice(workspace, TUESDAY) == []


def test_a_changed_price_is_recorded_as_the_row_that_went_and_the_rows_that_came(
    workspace: Workspace,
) -> None:
    write(workspace, "prices", LIST)
    notice(workspace, MONDAY)
    write(workspace, "prices", LIST.replace(",4,,", ",4,,2026-10-01"), NEGOTIATED)
    (change,) = notice(workspace, TUESDAY, note="finance, contract 7")
    assert (change.file, change.scope, change.noticed_at) == (
        "config/prices.csv", "prices", TUESDAY,
    )  # fmt: skip
    price = {"provider": "acme", "model": "local", "token_class": "output"}
    assert [(kind, json.loads(fact or "")) for kind, fact in change.facts()] == [
        ("removed", price | {"usd_per_mtok": "4", "note": "list"}),
        ("added", price | {"usd_per_mtok": "4", "valid_to": "2026-10-01", "note": "list"}),
        ("added", price | {"usd_per_mtok": "3", "valid_from": "2026-10-01",
                           "note": "contract 7"}),
    ]  # fmt: skip
    assert change.note == "finance, contract 7"
    assert change.before != change.after


def test_an_added_column_that_is_empty_changes_no_row(workspace: Workspace) -> None:
    write(workspace, "prices", LIST)
    notice(workspace, MONDAY)
    header, row = workspace.prices_csv.read_text().splitlines()
    workspace.prices_csv.write_text(f"{header},region\n{row},\n")
    assert pending(workspace) == []


def test_rules_in_another_order_are_a_change(workspace: Workspace) -> None:
    rules = ("team = a,feature = x,,,,", "team = *,feature = y,,,,")
    write(workspace, "attribution", *rules)
    notice(workspace, MONDAY)
    write(workspace, "attribution", *reversed(rules))
    (change,) = notice(workspace, TUESDAY)
    assert list(change.facts()) == [("reordered", None)]
    assert change.scope == "rules"


def test_a_deleted_file_takes_its_rows_with_it(workspace: Workspace) -> None:
    write(workspace, "prices", LIST)
    notice(workspace, MONDAY)
    workspace.prices_csv.unlink()
    (change,) = notice(workspace, TUESDAY)
    assert (change.after, [kind for kind, _ in change.facts()]) == (None, ["removed"])
    assert notice(workspace, TUESDAY) == []


def test_a_setting_is_recorded_as_it_is_in_force(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice(workspace, MONDAY)
    monkeypatch.setenv("OUTLAY_TIE_OUT_TOLERANCE", "0.05")
    (change,) = notice(workspace, TUESDAY)
    assert list(change.facts()) == [
        ("removed", '{"key": "tie_out_tolerance", "value": "0.02"}'),
        ("added", '{"key": "tie_out_tolerance", "value": "0.05"}'),
    ]


def test_an_upgrade_of_the_price_book_lists_the_prices_that_it_changed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = book_facts()
    monkeypatch.setattr(lookup, "BOOK_SOURCE", "genai-prices 0.0.1")
    monkeypatch.setattr(history, "book_facts", lambda: before[1:])
    notice(workspace, MONDAY)
    monkeypatch.undo()
    (change,) = notice(workspace, TUESDAY)
    assert (change.file, change.scope) == ("genai-prices", "prices")
    assert list(change.facts()) == [("added", before[0])]


def test_no_key_user_account_or_credential_is_written_down(workspace: Workspace) -> None:
    secrets = ("sk-live-0123456789abcdefghij", "jane@acme.example", "acct-4711", "k-plain-key")
    write(
        workspace,
        "attribution",
        "api_key_id = k-plain-key and team = Support,feature = chat,,,,",
        'user_id = "jane@acme.example",feature = mail,,,,found in sk-live-0123456789abcdefghij',
    )
    write(
        workspace,
        "limits",
        "api_key,k-plain-key,day,5,hard,,Ada,,,",
        "user,jane@acme.example,day,5,hard,,Ada,,,",
        "tenant,acme,day,5,hard,,Ada,,,",
    )
    notice(workspace, MONDAY)
    write(workspace, "attribution", "api_key_id = k-plain-key,feature = voice,,,,")
    source = workspace.sources_dir / "openai.toml"
    source.write_text(source.read_text() + '\naccount = "acct-4711"\n')
    rules, settings = notice(workspace, TUESDAY)
    key = (workspace.ledger / "key").read_bytes().strip()
    hidden = hmac.new(key, b"k-plain-key", "sha256").hexdigest()[:16]
    assert [json.loads(fact or "")["when"] for kind, fact in rules.facts() if kind == "added"] == [
        f'api_key_id = "{hidden}"'
    ]
    assert (workspace.ledger / "key").stat().st_mode & 0o077 == 0
    assert [json.loads(fact or "")["key"] for _, fact in settings.facts()] == ["account"]
    for path in workspace.ledger.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
            assert [secret for secret in secrets if secret in text] == [], path
            assert workspace.salt_file.read_text().strip() not in text


def test_a_rotated_salt_is_no_change_of_the_configuration(workspace: Workspace) -> None:
    write(workspace, "attribution", "api_key_id = k-plain-key,feature = chat,,,,")
    notice(workspace, MONDAY)
    assert outlay("rotate-salt", "--workspace", workspace.root).exit_code == 0
    assert pending(workspace) == []


def test_a_rule_that_cannot_be_read_stops_before_anything_is_recorded(
    workspace: Workspace,
) -> None:
    write(workspace, "attribution", "api_key_id k1,feature = chat,,,,")
    with pytest.raises(ConfigError, match="row 2, column when"):
        notice(workspace, MONDAY)
    assert recorded(workspace) == []


def test_a_line_that_a_crash_cut_off_is_noticed_again_and_swallows_nothing(
    workspace: Workspace,
) -> None:
    write(workspace, "prices", LIST)
    notice(workspace, MONDAY)
    write(workspace, "prices", NEGOTIATED)
    notice(workspace, TUESDAY)
    ledger = workspace.ledger / "changes.jsonl"
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:-20])
    (again,) = notice(workspace, TUESDAY)
    assert ledger.read_bytes().splitlines()[-1] + b"\n" == whole.splitlines(keepends=True)[-1]
    assert recorded(workspace)[-1] == again


def test_the_rows_of_a_file_are_known_as_of_any_moment(workspace: Workspace) -> None:
    write(workspace, "prices", LIST)
    notice(workspace, MONDAY)
    write(workspace, "prices", LIST, NEGOTIATED)
    notice(workspace, TUESDAY)
    name = "config/prices.csv"
    assert facts_of(workspace, name, MONDAY) == ()
    assert len(facts_of(workspace, name, TUESDAY)) == 1
    assert len(facts_of(workspace, name)) == 2


def test_every_price_is_known_since_the_book_that_first_had_it(
    workspace: Workspace,
) -> None:
    write(workspace, "prices", LIST)
    old = keep_book(workspace.books, _book(workspace), MONDAY)
    assert set(old["known_from"].to_pylist()) == {MONDAY}
    write(workspace, "prices", LIST, "acme,local,,input_uncached,1,,,,")
    new = keep_book(workspace.books, _book(workspace), TUESDAY)
    assert {
        (row["token_class"], row["known_from"])
        for row in new.to_pylist()
        if row["price_key"] == "acme/local" and row["inherited_from"] is None
    } == {("output", MONDAY), ("input_uncached", TUESDAY)}
    assert keep_book(workspace.books, _book(workspace), datetime(2026, 10, 7)).equals(new)
    assert book_known_on(workspace.books, TUESDAY).equals(old)
    assert book_known_on(workspace.books, datetime(2026, 10, 8)).equals(new)
    with pytest.raises(history.OutlayError, match="its first is of 2026-10-05 05:15:00 UTC"):
        book_known_on(workspace.books, MONDAY)


def _book(workspace: Workspace) -> history.pa.Table:
    return model_prices(PRICES.read(workspace.prices_csv))


@pytest.mark.slow
def test_changes_are_published_listed_and_survive_a_rebuilt_warehouse(own: Workspace) -> None:
    with own.prices_csv.open("a") as prices:
        prices.write("house,house-1,batch,output,1,,,,half price\n")
    assert outlay("run", "--workspace", own.root).exit_code == 0
    query = (
        "select kind, fact->>'usd_per_mtok', fact->>'note', run_id = (select max(run_id)"
        " from ops.runs) from ops.config_changes where file = 'config/prices.csv' order by 1"
    )
    expected = [("added", "1", "half price", True), ("first recorded", None, None, False)]
    assert _published(own, query) == expected
    versions = _published(own, "select config_version from ops.runs order by run_id")
    assert len(set(versions)) == 2
    own.warehouse.unlink()
    own.showback.unlink()
    assert outlay("run", "--workspace", own.root, "--full-refresh").exit_code == 0
    published = _published(own, query)
    assert [row[:3] for row in published] == [row[:3] for row in expected]
    listed = outlay("changes", "--workspace", own.root, "--file", "config/prices.csv").output
    assert listed.index("half price") < listed.index("first recorded")
    assert "outlay.toml" not in listed
    assert _published(
        own,
        "select count(*) from duckdb_columns() where table_name = 'config_changes'"
        " and comment is null",
    ) == [(0,)]


def _published(workspace: Workspace, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        return con.execute(sql).fetchall()
