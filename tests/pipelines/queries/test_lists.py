"""`outlay unmapped` and `outlay unattributed`: what nobody knows, in dollars, with a proposal."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest

from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay

FOCUS = """BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,SkuPriceDetails
7.25,USD,Usage,2025-10-05T00:00:00Z,OpenAI,"{""ModelId"": ""GPT 5 Preview""}"
0.75,USD,Usage,2025-10-06T00:00:00Z,OpenAI,"{""ModelId"": ""GPT 5 Preview""}"
3,USD,Usage,2025-10-06T00:00:00Z,OpenAI,"{""ModelId"": ""mystery""}"
"""


@pytest.fixture(scope="module")
def unknown(built: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small workspace, its calls without a tenant, with a bill of two unknown models."""
    root = tmp_path_factory.mktemp("unknown") / "acme"
    shutil.copytree(built.root, root)
    workspace = Workspace(root)
    bot = workspace.sources_dir / "bot.toml"
    bot.write_text(bot.read_text().replace('tenant_id = { constant = "acme" }', ""))
    folder = workspace.lake.inbox / "focus"
    folder.mkdir(exist_ok=True)
    (folder / "bill.csv").write_text(FOCUS)
    outlay("run", "--workspace", root)
    return workspace


def test_unknown_names_are_listed_dearest_first_with_what_they_may_mean(
    unknown: Workspace,
) -> None:
    result = outlay("unmapped", "--workspace", unknown.root)
    assert result.exit_code == 0, result.output
    assert "Unmapped: 11.00 USD billed under 2 unknown names" in result.output
    lines = [line.split() for line in result.output.splitlines()]
    (preview,) = [line for line in lines if "Preview" in line]
    assert preview[:6] == ["openai", "GPT", "5", "Preview", "2", "8.000000000000"]
    assert "gpt-5" in preview
    (mystery,) = [line for line in lines if "mystery" in line]
    assert mystery[7:11] == ["none", "no", "known", "model"]


@pytest.mark.slow
def test_accepted_proposals_empty_the_list(unknown: Workspace, tmp_path: Path) -> None:
    root = tmp_path / "accepted"
    shutil.copytree(unknown.root, root)
    printed = outlay("unmapped", "--csv", "--workspace", root).stdout
    assert list(csv.reader(io.StringIO(printed))) == [
        ["openai", "GPT 5 Preview", "gpt-5", "", "",
         "proposed: sold by openai; shares gpt, 5"],
    ]  # fmt: skip
    with (root / "config" / "models.csv").open("a") as names:
        names.write(printed + "openai,mystery,acme-own,,,asked the vendor\n")
    outlay("run", "--workspace", root)
    result = outlay("unmapped", "--workspace", root)
    assert result.output == "every model that bills and calls name is known\n"


def test_the_status_says_what_unknown_models_cost(unknown: Workspace) -> None:
    result = outlay("status", "--workspace", unknown.root)
    assert "Unmapped: 11.00 USD billed under 2 names of models that nobody knows" in result.output


@pytest.mark.slow
def test_untagged_calls_are_listed_in_dollars_and_a_rule_takes_them_away(
    unknown: Workspace, tmp_path: Path
) -> None:
    result = outlay("unattributed", "--workspace", unknown.root)
    assert result.exit_code == 0, result.output
    assert "2025-10: calls without a tenant cost 0.01 USD" in result.output
    assert "0.011000000" in result.output
    assert "without a feature" not in result.output
    root = tmp_path / "ruled"
    shutil.copytree(unknown.root, root)
    with (root / "config" / "attribution.csv").open("a") as rules:
        rules.write("feature = bot,tenant_id = acme,,,2025-10-06,moved out\n")
    outlay("run", "--workspace", root)
    result = outlay("unattributed", "--workspace", root)
    # c4 of the 7th is left; what came before the rule ended is acme's
    assert "calls without a tenant cost 0.00 USD" in result.output
    assert "0.001000000" in result.output
    assert (
        outlay(
            "sql",
            "--workspace",
            root,
            "--csv",
            "select call_id, tenant_id, attribution_rule from marts.fct_calls order by 1",
        ).stdout
        == "call_id,tenant_id,attribution_rule\nc1,acme,2\nc2,acme,2\nc3,acme,2\nc4,,\n"
    )


def test_a_month_without_untagged_calls_says_so(built: Workspace) -> None:
    result = outlay("unattributed", "--workspace", built.root)
    assert result.output == "every call of the month says its feature and its tenant\n"
