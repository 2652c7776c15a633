"""`outlay whatif`: worked by hand on two teams, and on sixty features that switched their model."""

from __future__ import annotations

import json
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay
from tests.support.series import daily_spend
from tests.support.workspaces.configured import write
from tests.support.workspaces.small import drop
from tests.support.workspaces.two_teams import CANDIDATE, make_two_teams

pytestmark = pytest.mark.slow

BOTH_MONTHS = ("--period", "2025-09-01..2025-10-31")

BOT = """
format = "mapped"
file_type = "csv"
[fields]
call_id = "id"
started_at = "at"
provider = { constant = "house" }
request_model = "model"
feature = "feature"
[tokens]
input = "in"
input_includes_cache = true
cache_read = "cached"
output = "out"
"""


@pytest.fixture(scope="module")
def two_teams(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two teams at the candidate's prices: house-2 has a price of input alone."""
    workspace = make_two_teams(tmp_path_factory.mktemp("two_teams") / "acme")
    write(workspace, "prices", *CANDIDATE)
    assert outlay("run", "-w", workspace.root).exit_code == 0
    return workspace


def asked(workspace: Workspace, *arguments: object) -> dict[str | None, dict[str, Any]]:
    """Lines of the answer by feature; None is all."""
    result = outlay("whatif", "-w", workspace.root, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return {line["feature"]: line for line in json.loads(result.stdout)}


def refused(workspace: Workspace, *arguments: object) -> str:
    """What the command says when it refuses, on one line."""
    result = outlay("whatif", "-w", workspace.root, *arguments)
    assert result.exit_code == 2, result.output
    return " ".join(result.output.split())


def test_another_model_prices_what_it_can_and_the_rest_stays_as_it_was(
    two_teams: Workspace,
) -> None:
    """b: 3 million in at 5 instead of 1. e is of house-2 already. a, c and d have tokens out, which
    house-2 has no price for: 2 + 5 of chat and 6 of draft are not judged.
    """
    lines = asked(two_teams, "--model", "house-1=house-2", *BOTH_MONTHS)
    found = {
        name: (Decimal(line["actual_usd"]), Decimal(line["whatif_usd"]), line["unjudged_ratio"])
        for name, line in lines.items()
    }
    assert found == {
        "draft": (14, 26, pytest.approx(6 / 14)),
        "chat": (7, 7, 1.0),
        None: (21, 33, pytest.approx(13 / 21)),
    }
    assert Decimal(lines[None]["difference_usd"]) == 12
    assert not (two_teams.state / "shadow" / ".whatif").exists()


def test_json_holds_the_figures_that_are_printed(two_teams: Workspace) -> None:
    arguments = ("--model", "house-1=house-2", *BOTH_MONTHS)
    lines = asked(two_teams, *arguments)
    text = outlay("whatif", "-w", two_teams.root, *arguments).output.splitlines()
    for name, line in lines.items():
        (printed,) = [row.split() for row in text if row.split()[:1] == [name or "all"]]
        money = ["actual_usd", "whatif_usd", "difference_usd", "low_usd", "high_usd"]
        assert printed[1:7] == [
            str(line["calls"]),
            *("NULL" if line[of] is None else f"{Decimal(line[of]):,.2f}" for of in money),
        ]
        assert printed[7] == f"{line['unjudged_ratio']:.1%}"


def test_prices_of_a_later_day_hold_for_all_calls(two_teams: Workspace) -> None:
    """Since October a million out costs 3, not 2: September's a, half a million, is 0.50 dearer."""
    lines = asked(two_teams, "--prices-on", "2025-11-20", *BOTH_MONTHS)
    assert {name: Decimal(line["difference_usd"]) for name, line in lines.items()} == {
        "draft": 0,
        "chat": Decimal("0.5"),
        None: Decimal("0.5"),
    }


def test_a_discount_is_asked_of_one_feature(two_teams: Workspace) -> None:
    """draft: b 3 and d 6 of house-1 at 0.9 are 8.10; e of house-2 keeps its 5."""
    lines = asked(two_teams, "--price", "house-1=0.9", "--feature", "draft", *BOTH_MONTHS)
    assert list(lines) == ["draft"]
    assert Decimal(lines["draft"]["whatif_usd"]) == Decimal("13.1")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say what is to be different"),
        (("--model", "house-1"), "write --model gpt-5.1=gpt-4.1-mini"),
        (("--model", "hous-1=house-2"), "did you mean 'house-1'?"),
        (("--model", "house-1=house-3"), "no model 'house-3'"),
        (("--price", "house-1=cheap"), "'cheap' is no number from 0 to 100"),
        (("--cache-ratio", "1.5"), "1.5 is no share"),
        (("--cache-ratio", "0.1", "--cache-ratio", "0.2"), "two shares of every model"),
        (("--cache-ratio", "house-9=0.1"), "no call of these days is of a model 'house-9'"),
        (("--step-cap", "2", "--price", "house-1=1"), "--step-cap stands alone"),
        (("--price", "house-1=1", "--feature", "chatt"), "did you mean 'chat'?"),
        (("--price", "house-1=1", "--period", "2024-01"), "no call is of 2024-01"),
    ],
)
def test_what_cannot_be_asked_says_why(
    two_teams: Workspace, arguments: tuple[str, ...], said: str
) -> None:
    period = () if "--period" in arguments else BOTH_MONTHS
    assert said in refused(two_teams, *arguments, *period)


FEATURES, FIRST_DAYS = 60, 14


@pytest.fixture(scope="module")
def switched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, Decimal]]:
    """Features whose calls go to `dear` for 14 days and to `cheap` for 14; spend of the latter.

    Of a call's input 20 % is read from the cache. At `dear` a thousand tokens cost 2, read 0.5; at
    `cheap` 0.5 and 0.05: a call of T thousand tokens there costs T x (0.8 x 0.5 + 0.2 x 0.05).
    """
    workspace = Workspace(tmp_path_factory.mktemp("switched") / "acme")
    init_workspace(workspace.root, company="Acme", with_sources=False)
    workspace.sources_dir.mkdir(exist_ok=True)
    (workspace.sources_dir / "bot.toml").write_text(BOT)
    write(
        workspace,
        "prices",
        "house,dear,standard,input_uncached,2000,,,,",
        "house,dear,standard,cache_read,500,,,,",
        "house,cheap,standard,input_uncached,500,,,,",
        "house,cheap,standard,cache_read,50,,,,",
    )
    lines, second_half = ["id,at,model,feature,in,cached,out"], {}
    for feature in range(FEATURES):
        name = f"f{feature}"
        for day, usd in enumerate(daily_spend(Random(7000 + feature), 2 * FIRST_DAYS)):
            tokens = round(usd * 100) * 10
            model = "dear" if day < FIRST_DAYS else "cheap"
            at = f"2026-09-{day + 1:02}T12:00:00Z"
            lines.append(f"{name}-{day},{at},{model},{name},{tokens},{tokens // 5},0")
            if day >= FIRST_DAYS:
                spent = Decimal(tokens) * Decimal("0.41") / 1000
                second_half[name] = second_half.get(name, Decimal(0)) + spent
    drop(workspace, "bot/calls.csv", "\n".join(lines) + "\n")
    result = outlay("run", "-w", workspace.root)
    assert result.exit_code == 0, result.output
    return workspace, second_half


def test_the_first_half_of_a_month_covers_the_second_after_a_switch_of_model(
    switched: tuple[Workspace, dict[str, Decimal]],
) -> None:
    workspace, second_half = switched
    lines = asked(workspace, "--model", "dear=cheap", "--period", "2026-09-01..2026-09-14")
    held = [
        Decimal(lines[name]["low_usd"]) <= spent <= Decimal(lines[name]["high_usd"])
        for name, spent in second_half.items()
    ]
    assert len(held) == FEATURES
    assert sum(held) >= 0.8 * FEATURES
    # at its own prices the first half would have missed nearly all of them
    as_it_was = [
        Decimal(lines[name]["actual_usd"]) * Decimal("0.7") < spent
        for name, spent in second_half.items()
    ]
    assert not any(as_it_was)


def test_a_warmer_cache_moves_tokens_from_one_price_to_the_other(
    switched: tuple[Workspace, dict[str, Decimal]],
) -> None:
    """Of `dear` a half read instead of a fifth: from 0.8 x 2 + 0.2 x 0.5 to 0.5 x 2 + 0.5 x 0.5."""
    workspace, _ = switched
    lines = asked(workspace, "--cache-ratio", "0.5", "--period", "2026-09-01..2026-09-14")
    for line in lines.values():
        expected = float(line["actual_usd"]) * 1.25 / 1.7
        assert float(line["whatif_usd"]) == pytest.approx(expected, rel=1e-6)
        assert line["unjudged_ratio"] == 0


def test_the_cache_of_one_model_alone(
    switched: tuple[Workspace, dict[str, Decimal]],
) -> None:
    """All of it read: `cheap` costs 0.05 a thousand instead of 0.41, and `dear` what it did."""
    workspace, second_half = switched
    lines = asked(workspace, "--cache-ratio", "cheap=1", "--period", "2026-09", "--feature", "f3")
    saved = float(lines["f3"]["actual_usd"]) - float(lines["f3"]["whatif_usd"])
    assert saved == pytest.approx(float(second_half["f3"]) * 0.36 / 0.41, rel=1e-6)
