"""`outlay forget`: a person's rows are found, and nobody can tell any more that they are theirs.

Ann made c1, c3 and c5, bob c2, nobody c4; a span, a line of AWS's bill (her role session) and one
of Claude Code's usage are ann's too. The FOCUS bill has a tag with her address, and one with a
longer name that is not hers.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.lake.people import forgetting
from ingest.records.pseudonyms import PersonColumns, pseudonym, pseudonym_of
from ingest.sources import FORMATS
from pipelines.operations.forgetting import forget_person
from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.ingest.lake.people import lay
from tests.pipelines.conftest import outlay
from tests.support.built import built_once
from tests.support.texts import files_holding

SALT = "salt"
FOCUS = """\
BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,CredentialId,Tags
1.50,USD,Usage,2026-09-01T00:00:00Z,AWS,key-1,"{{""owner"": ""{tag}""}}"
2.50,USD,Usage,2026-09-01T00:00:00Z,AWS,{ann},"{{""owner"": ""joann@acme.example""}}"
"""
ADDRESS = "Ann@acme.example"
ANN, BOB = pseudonym_of("ann", SALT), pseudonym_of("bob", SALT)


def make(root: Path) -> None:
    init_workspace(root, company="Acme", with_sources=False)
    lay(root)
    workspace = Workspace(root)
    workspace.salt_file.write_text(SALT + "\n")
    bill = workspace.lake.inbox / "focus" / "bill.csv"
    bill.write_text(FOCUS.format(tag=ADDRESS, ann=ANN))
    with workspace.prices_csv.open("a") as prices:
        prices.write("house,house-1,standard,input_uncached,1,,,,\n")
    result = outlay("run", "--workspace", root)
    assert result.exit_code in (0, 1), result.output


@pytest.fixture
def people(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    shared = built_once("forgetting", tmp_path_factory, make)
    shutil.copytree(shared, tmp_path / "acme")
    return Workspace(tmp_path / "acme")


def said(workspace: Workspace, *arguments: str) -> list[dict[str, Any]]:
    result = outlay("forget", *arguments, "--json", "--workspace", workspace.root)
    assert result.exit_code == 0, result.output
    return list(json.loads(result.stdout))


def ask(workspace: Workspace, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(workspace.showback), read_only=True) as con:
        return con.execute(sql).fetchall()


def empty_inbox(workspace: Workspace) -> None:
    for file in workspace.lake.inbox.rglob("*.*"):
        if file.is_file():
            file.unlink()


WHO = "select call_id, user_id from marts.fct_calls order by 1"
COSTS = "select call_id, estimate_usd, team_tag from marts.fct_calls order by 1"


def test_a_person_is_found_by_name_and_by_pseudonym_with_every_file(people: Workspace) -> None:
    found = said(people, "ann")
    assert {(row["table"], row["source"], row["rows"]) for row in found} >= {
        ("gateway_calls", "gateway", 2), ("gateway_calls", "gateway", 1),
        ("trace_spans", "traces", 1), ("billing_charges", "aws", 1), ("billing_usage", "claude", 1),
    }  # fmt: skip
    assert all(row["in_inbox"] for row in found)
    own = [row for row in said(people, ANN) if row["source"] != "focus"]
    assert own == found  # the FOCUS bill states her pseudonym as it is
    piped = outlay("forget", "-", "--json", "--workspace", people.root)
    assert piped.exit_code == 2  # nothing was piped
    assert said(people, "carl") == []


def test_while_a_delivered_file_or_a_rule_names_the_person_nothing_is_changed(
    people: Workspace,
) -> None:
    before = {path: path.read_bytes() for path in people.lake.lake.rglob("*.parquet")}
    refused = outlay("forget", "ann", "--apply", "--workspace", people.root)
    assert refused.exit_code == 2
    assert "names the person as it was delivered: delete it" in refused.output
    folder = people.lake.inbox / "gateway"
    shutil.copy(folder / "later.csv", folder / "twin.csv")
    outlay("run", "--workspace", people.root)
    twin = (folder / "twin.csv").read_bytes()
    empty_inbox(people)
    (folder / "twin.csv").write_bytes(twin)  # a copy that was never loaded holds the name too
    refused = outlay("forget", "ann", "--apply", "--workspace", people.root)
    assert "inbox/gateway/twin.csv names the person" in refused.output
    (folder / "twin.csv").unlink()
    with people.attribution_csv.open("a") as rules:
        rules.write("user_id = ann,team = Blue,,,,\n")
    refused = outlay("forget", "ann", "--apply", "--workspace", people.root)
    assert refused.exit_code == 2
    assert "config/attribution.csv, line " in refused.output
    assert before == {path: path.read_bytes() for path in people.lake.lake.rglob("*.parquet")}
    assert people.warehouse.exists()


@pytest.mark.slow
def test_afterwards_no_file_has_the_pseudonym_and_no_number_has_moved(people: Workspace) -> None:
    costs, who = ask(people, COSTS), dict(ask(people, WHO))
    assert [who[call] for call in ("c1", "c2", "c3", "c4", "c5")] == [ANN, BOB, ANN, None, ANN]
    empty_inbox(people)
    assert len(said(people, "ann", "--apply")) >= 3
    assert ask(people, COSTS) == costs
    now = dict(ask(people, WHO))
    assert (now["c2"], now["c4"]) == (BOB, None)
    assert len({now["c1"], now["c3"], now["c5"]}) == 1  # still one person's
    assert now["c1"] not in (ANN, BOB)
    assert said(people, "ann") == []
    # the FOCUS bill's own id of a key, which looks like the pseudonym, is another name
    assert {path.split("/")[0:2][1] for path in files_holding(people.lake.lake, ANN)} == {
        "source_name=focus"
    }
    assert ask(
        people,
        "select kind, source_name, dropped_rows, rule, finished_at is not null"
        " from ops.retention_audit order by all",
    ) == [
        ("person", "aws", 1, "outlay forget", True),
        ("person", "claude", 1, "outlay forget", True),
        ("person", "gateway", 3, "outlay forget", True),
        ("person", "traces", 1, "outlay forget", True),
    ]
    assert ANN not in (people.ledger / "retention.jsonl").read_text()
    assert outlay("doctor", "--workspace", people.root).exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize("at", ["rewrite", "delete_dead_parts"])
def test_killed_while_it_works_it_is_done_or_not_begun_and_the_same_command_ends_it(
    people: Workspace, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty_inbox(people)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(forgetting.PartitionWriter, at, killed)
        with pytest.raises(KeyboardInterrupt):
            forget_person(people, "ann")
    forget_person(people, "ann")
    outlay("run", "--workspace", people.root)
    who = dict(ask(people, WHO))
    assert ANN not in who.values()
    assert len({who["c1"], who["c3"], who["c5"]}) == 1
    assert sum(value is not None for value in who.values()) == 4


BILLED = "select sum(billed_cost), count(*), count(distinct tags) from marts.fct_charges"


@pytest.mark.slow
def test_an_address_that_a_bill_states_is_found_as_a_word_and_becomes_another_name(
    people: Workspace,
) -> None:
    before = ask(people, BILLED)
    found = said(people, "ann@acme.example")
    assert [(row["table"], row["source"], row["rows"]) for row in found] == [
        ("billing_charges", "focus", 1)
    ]
    empty_inbox(people)
    assert len(said(people, "ann@acme.example", "--apply")) == 1
    assert ask(people, BILLED) == before
    assert files_holding(people.lake.lake, ADDRESS) == set()
    assert files_holding(people.lake.lake, "joann@acme.example")
    with duckdb.connect(str(people.showback), read_only=True) as con:
        charges = str(con.execute("from marts.fct_charges").fetchall())
    assert ADDRESS not in charges
    assert "joann@acme.example" in charges


def test_a_column_that_a_format_adds_is_found_and_cut(
    people: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The FOCUS bill states Ann's pseudonym as the id of a key; here the format says so."""
    assert "focus" not in {row["source"] for row in said(people, "ann")}
    holds = PersonColumns(
        "billing_charges", "x_api_key_id is not null",
        lambda salt: {"x_api_key_id": pseudonym("x_api_key_id", salt)},
    )  # fmt: skip
    monkeypatch.setitem(FORMATS, "focus", replace(FORMATS["focus"], person_columns=(holds,)))
    assert ("focus", 1) in {(row["source"], row["rows"]) for row in said(people, "ann")}
    empty_inbox(people)
    forget_person(people, "ann")
    assert files_holding(people.lake.lake, ANN) == set()
    assert said(people, "ann") == []
