"""Shadow runs and promotions: what a shadow says is what a run gives once it is promoted."""

from __future__ import annotations

import csv
import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.config_history import promotion
from pipelines.config_history.ledger import recorded
from pipelines.dbt_models.dbt_command import BuildError
from pipelines.run.session import open_run
from pipelines.scenarios import shadow
from pipelines.workspace.init import init_workspace
from pipelines.workspace.load import load_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.workspaces.configured import pending, write
from tests.support.workspaces.two_teams import CANDIDATE, HEADER, candidate, make_two_teams

pytestmark = pytest.mark.slow

RULE = "feature = draft,team = green,replace,2025-10-01,,moved"

SHADOWED = ("fct_calls", "fct_usage_daily", "fct_charges", "fct_charges_daily", "fct_allocations",
            "fct_showback")  # fmt: skip


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The workspace after a run at list prices, a past freeze in it; only for looking at."""
    workspace = make_two_teams(tmp_path_factory.mktemp("listed") / "acme")
    write(workspace, "freezes", "close,prices,2025-12-01,2025-12-06,")
    result = outlay("run", "--workspace", workspace.root)
    assert result.exit_code == 0, result.output
    return workspace


@pytest.fixture(scope="module")
def shadowed(listed: Workspace, tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    """A copy of it with a finished shadow of prices and a rule, and what the command said."""
    root = tmp_path_factory.mktemp("shadowed") / "acme"
    shutil.copytree(listed.root, root)
    folder = candidate(root.parent / "drafts", rule=RULE)
    result = outlay("shadow", "contract", "-w", root, "--config", folder)
    assert result.exit_code == 0, result.output
    shutil.rmtree(folder)  # what was looked at is what is promoted
    return Workspace(root), result.output


@pytest.fixture
def own(shadowed: tuple[Workspace, str], tmp_path: Path) -> Workspace:
    shutil.copytree(shadowed[0].root, tmp_path / "acme")
    return Workspace(tmp_path / "acme")


def contents(warehouse: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        return {
            name: con.execute(f"from marts.{name} order by all").fetchall() for name in SHADOWED
        }


def differences(path: Path) -> dict[tuple[str, ...], tuple[str, str, str]]:
    """Rows of the CSV that differ, by measure, month, team, feature, tenant, line, model."""
    with path.open(newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if Decimal(r["difference_usd"] or 0)]
    return {
        (r["measure"], r["month"][:7], r["team"], r["feature"], r["tenant_id"], r["line"],
         r["model_id"]):
        (r["old_usd"][:-10], r["new_usd"][:-10], r["difference_usd"][:-10])
        for r in rows
    }  # fmt: skip


def test_a_shadow_shows_what_estimate_and_allocated_charge_would_become(
    shadowed: tuple[Workspace, str],
) -> None:
    workspace, said = shadowed
    estimate, charge = "estimate", "allocated charge"
    assert differences(workspace.exports / "shadow-contract.csv") == {
        (estimate, "2025-09", "blue", "draft", "acme", "", "house-2"): ("", "5.00", "5.00"),
        (estimate, "2025-10", "red", "chat", "bolt", "", "house-1"): ("4.00", "5.00", "1.00"),
        (estimate, "2025-10", "blue", "draft", "bolt", "", "house-1"): ("4.00", "", "-4.00"),
        (estimate, "2025-10", "green", "draft", "bolt", "", "house-1"): ("", "6.00", "6.00"),
        (charge, "2025-10", "red", "chat", "bolt", "usage", ""): ("4.00", "4.50", "0.50"),
        (charge, "2025-10", "", "", "", "not seen by the gateway", ""): ("0.50", "", "-0.50"),
    }  # fmt: skip
    assert "difference: 8.00 USD" in said
    assert "difference: 0.00 USD" in said
    assert 'outlay promote contract --note "who and why"' in said


def test_a_shadow_leaves_configuration_warehouse_and_published_file_as_they_were(
    listed: Workspace, shadowed: tuple[Workspace, str]
) -> None:
    workspace, _ = shadowed
    assert contents(workspace.warehouse) == contents(listed.warehouse)
    assert workspace.showback.read_bytes() == listed.showback.read_bytes()
    for path in listed.config.glob("*.csv"):
        assert (workspace.config / path.name).read_bytes() == path.read_bytes()
    assert pending(workspace) == []
    assert len(recorded(workspace)) == len(recorded(listed))


@pytest.mark.usefixtures("run_models")
def test_what_a_shadow_computed_is_what_a_run_computes_once_it_is_promoted(
    own: Workspace,
) -> None:
    expected = contents(own.state / "shadow" / "contract" / "warehouse.duckdb")
    assert contents(own.warehouse) != expected
    result = outlay("promote", "contract", "-w", own.root, "--note", "CFO, contract 7")
    assert result.exit_code == 0, result.output
    assert own.prices_csv.read_text() == "\n".join([HEADER, *CANDIDATE]) + "\n"
    assert not (own.state / "shadow" / "contract").exists()
    assert [(c.file, c.run_id, c.note) for c in recorded(own)[-2:]] == [
        ("config/attribution.csv", "promote contract", "CFO, contract 7"),
        ("config/prices.csv", "promote contract", "CFO, contract 7"),
    ]
    refused = outlay("close", "2025-10", "-w", own.root)
    assert refused.exit_code == 2
    assert "before config/attribution.csv and config/prices.csv changed: `outlay run`" in (
        refused.stderr
    )
    assert outlay("run", "-w", own.root).exit_code == 0
    assert contents(own.warehouse) == expected
    assert contents(own.showback) == expected
    assert pending(own) == []


def test_a_shadow_of_some_months_reads_those_days_and_says_the_same_of_them(
    listed: Workspace, shadowed: tuple[Workspace, str], tmp_path: Path
) -> None:
    shutil.copytree(listed.root, tmp_path / "acme")
    workspace = Workspace(tmp_path / "acme")
    folder = candidate(tmp_path / "drafts", rule=RULE)
    result = outlay("shadow", "october", "-w", workspace.root, "--config", folder,
                    "--from", "2025-10-05", "--to", "2025-10-05")  # fmt: skip
    assert result.exit_code == 0, result.output
    whole = differences(shadowed[0].exports / "shadow-contract.csv")
    assert differences(workspace.exports / "shadow-october.csv") == {
        key: usd for key, usd in whole.items() if key[1] == "2025-10"
    }
    with duckdb.connect(
        str(workspace.state / "shadow" / "october" / "warehouse.duckdb"), read_only=True
    ) as con:
        days = con.execute("select distinct utc_day from marts.fct_calls order by 1").fetchall()
    assert [f"{day:%m-%d}" for (day,) in days] == ["10-05", "10-06"]


def test_a_configuration_that_changed_since_is_not_overwritten(own: Workspace) -> None:
    write(own, "attribution", "team = red,feature = other,,,,")
    edited = own.attribution_csv.read_bytes()
    result = outlay("promote", "contract", "-w", own.root)
    assert result.exit_code == 2
    assert (
        "shadow 'contract' was compared with another config/attribution.csv: `outlay run`, then the"
        " shadow again"
    ) in result.output.replace("\n", " ")
    assert own.attribution_csv.read_bytes() == edited


def test_a_shadow_needs_a_run_that_computed_the_present_configuration(
    own: Workspace, tmp_path: Path
) -> None:
    write(own, "attribution", "team = red,feature = other,,,,")
    result = outlay("shadow", "next", "-w", own.root, "--config", candidate(tmp_path / "drafts"))
    assert result.exit_code == 2
    assert (
        "the warehouse was built before config/attribution.csv changed: `outlay run` first"
    ) in result.output.replace("\n", " ")


def test_what_is_no_shadow_and_no_candidate_is_said_so(own: Workspace, tmp_path: Path) -> None:
    result = outlay("promote", "contrakt", "-w", own.root)
    assert result.exit_code == 2
    assert (
        "there is no finished shadow 'contrakt', only 'contract': `outlay shadow contrakt"
    ) in result.output.replace("\n", " ")
    result = outlay("shadow", "next", "-w", own.root, "--config", tmp_path / "absent")
    assert result.exit_code == 2
    assert f"{tmp_path}/absent: folder: there is no such folder" in result.output.replace("\n", "")


def test_a_killed_shadow_cannot_be_promoted_and_harms_nothing(
    own: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(own.warehouse), own.showback.read_bytes()

    def killed(*_: object, **__: object) -> None:
        raise BuildError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(shadow, "build_models", killed)
        result = outlay("shadow", "contract", "-w", own.root, "--config",
                        candidate(tmp_path / "drafts"))  # fmt: skip
    assert result.exit_code == 2
    result = outlay("promote", "contract", "-w", own.root)
    assert result.exit_code == 2
    assert "there is no finished shadow 'contract'" in result.output.replace("\n", " ")
    assert (contents(own.warehouse), own.showback.read_bytes()) == before
    assert pending(own) == []
    with open_run(own):
        pass


@pytest.mark.parametrize("written", [0, 1, 2])
def test_a_promotion_killed_at_any_file_is_brought_to_its_end_by_the_next_run(
    own: Workspace, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    real, done = promotion.replace_file, []

    def killed(target: Path, content: bytes) -> None:
        if target.suffix == ".csv" and len(done) == written:
            raise KeyboardInterrupt
        real(target, content)
        done.append(target)

    def record_killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(promotion, "replace_file", killed)
        patch.setattr(promotion, "record", record_killed)
        # the journal is one of the files that are written so
        result = outlay("promote", "contract", "-w", own.root, "--note", "CFO")
    assert result.exit_code == 2
    with open_run(own):
        pass
    assert CANDIDATE[2] in own.prices_csv.read_text()
    assert RULE in own.attribution_csv.read_text()
    assert [(c.file, c.note) for c in recorded(own)[-2:]] == [
        ("config/attribution.csv", "CFO"), ("config/prices.csv", "CFO"),
    ]  # fmt: skip
    assert pending(own) == []
    assert not (own.state / "promotion.json").exists()


def test_a_freeze_stops_a_promotion_unless_a_reason_is_given(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promotion, "now", lambda: datetime(2025, 12, 3))
    before = own.prices_csv.read_bytes()
    result = outlay("promote", "contract", "-w", own.root)
    assert result.exit_code == 2
    assert "frozen (close) until 2025-12-06 00:00:00 UTC" in result.output.replace("\n", " ")
    assert own.prices_csv.read_bytes() == before
    result = outlay("promote", "contract", "-w", own.root, "--override-freeze", "signed late")
    assert result.exit_code == 0, result.output
    assert {c.override for c in recorded(own)[-2:]} == {"signed late"}


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("price.csv", "", "price.csv: file name: is none of"),
        ("prices.csv", f"{HEADER}\nhouse,house-1,standard,output,cheap,,,,\n",
         "prices.csv: row 2, column usd_per_mtok"),
        ("outlay.toml", 'company = "Acme"\ntie_out_tolerance = 2\n',
         "outlay.toml: tie_out_tolerance"),
    ],
)  # fmt: skip
def test_a_wrong_candidate_is_named_by_its_own_file(
    own: Workspace, tmp_path: Path, file: str, content: str, words: str
) -> None:
    folder = tmp_path / "drafts"
    folder.mkdir()
    result = outlay("shadow", "next", "-w", own.root, "--config", folder)
    assert "holds no candidate" in result.output.replace("\n", " ")
    (folder / file).write_text(content)
    result = outlay("shadow", "next", "-w", own.root, "--config", folder)
    assert result.exit_code == 2
    assert f"{folder}/{words}" in result.output.replace("\n", "")


def test_a_name_that_leaves_its_folder_is_no_name(own: Workspace) -> None:
    result = outlay("promote", "../../config", "-w", own.root)
    assert result.exit_code == 2
    assert "is no name of a shadow" in result.output


def test_days_of_the_reporting_calendar_are_read_with_those_beside_them(tmp_path: Path) -> None:
    init_workspace(tmp_path / "acme", reporting_timezone="Europe/Berlin")
    settings, _ = load_workspace(Workspace(tmp_path / "acme"))
    # 25 October 2026 has 25 hours in Berlin: 22:00 UTC of the 24th to 23:00 UTC of the 25th
    day = date(2026, 10, 25)
    assert shadow.reporting_span(day, day, settings) == (date(2026, 10, 23), date(2026, 10, 26))
