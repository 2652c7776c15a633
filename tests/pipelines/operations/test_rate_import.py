"""`outlay import rates`: the ECB's file becomes US dollars a unit; what is there stays."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from pipelines.workspace.init import init_workspace
from pipelines.workspace.paths import Workspace
from tests.pipelines.conftest import outlay

HIST = """Date,USD,JPY,CYP,GBP,
2026-10-01,1.1298,178.49,N/A,0.85373,
2026-09-30,1.1275,177.9,N/A,0.8541,
2026-09-29,1.1251,N/A,N/A,0.8533,
"""
"""As published: the euro's worth in each currency, the newest day first, a comma at each end."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    init_workspace(tmp_path / "acme", company="Acme & Co", reporting_timezone="UTC")
    (tmp_path / "hist.csv").write_text(HIST)
    return Workspace(tmp_path / "acme")


def imported(workspace: Workspace, *options: str, file: str = "hist.csv") -> str:
    result = outlay("import", "rates", workspace.root.parent / file, "-w", workspace.root, *options)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_euro_is_its_dollars_and_others_are_their_ratio(workspace: Workspace) -> None:
    """Dollars over units for one euro: 1.1298 / 178.49 yen, 1.1298 / 0.85373 pounds."""
    said = imported(workspace, "--currency", "eur", "--currency", "JPY", "--currency", "GBP",
                    "--from", "2026-09-30")  # fmt: skip
    assert workspace.fx_rates_csv.read_text().splitlines() == [
        "currency,day,usd,source",
        "EUR,2026-09-30,1.127500000000,ECB",
        "GBP,2026-09-30,1.320103032432,ECB",
        "JPY,2026-09-30,0.006337830242,ECB",
        "EUR,2026-10-01,1.129800000000,ECB",
        "GBP,2026-10-01,1.323369215091,ECB",
        "JPY,2026-10-01,0.006329766373,ECB",
    ]
    assert "6 rates of EUR, GBP, JPY added" in said


def test_what_is_there_stays_and_its_currencies_are_those_that_are_taken(
    workspace: Workspace,
) -> None:
    workspace.fx_rates_csv.write_text("currency,day,usd,source\nGBP,2026-09-30,1.5,contract")
    said = imported(workspace)
    lines = workspace.fx_rates_csv.read_text().splitlines()
    assert lines[1] == "GBP,2026-09-30,1.5,contract"
    assert [line[:14] for line in lines[2:]] == [
        "EUR,2026-09-29", "GBP,2026-09-29", "EUR,2026-09-30", "EUR,2026-10-01", "GBP,2026-10-01"
    ]  # fmt: skip
    assert "5 rates of EUR, GBP added" in said
    assert "1 were there" in said
    assert "0 rates of" in imported(workspace)
    assert workspace.fx_rates_csv.read_text().splitlines() == lines


def test_the_zip_and_a_table_with_semicolons_will_do(workspace: Workspace) -> None:
    with ZipFile(workspace.root.parent / "hist.zip", "w") as packed:
        packed.writestr("eurofxref-hist.csv", HIST)
    workspace.fx_rates_csv.write_text("currency;day;usd;source\n")
    imported(workspace, "--from", "2026-10-01", file="hist.zip")
    assert workspace.fx_rates_csv.read_text().splitlines()[1:] == [
        "EUR;2026-10-01;1.129800000000;ECB"
    ]


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ("day,rate\n", [], "is not the ECB's eurofxref-hist.csv"),
        (HIST, ["--currency", "GPB"], "the ECB has no rate of 'GPB'; did you mean 'GBP'?"),
        (HIST, ["--currency", "USD"], "the ECB has no rate of 'USD'"),
        (HIST + "yesterday,1,1,1,1,\n", [], "line 5: is no day with its rates"),
        ("PK", [], "give the ECB's CSV, or its zip"),
    ],
)
def test_what_cannot_be_taken_over_is_refused_and_nothing_is_written(
    workspace: Workspace, content: str, options: list[str], words: str
) -> None:
    (workspace.root.parent / "hist.csv").write_text(content)
    before = workspace.fx_rates_csv.read_text()
    result = outlay(
        "import", "rates", workspace.root.parent / "hist.csv", "-w", workspace.root, *options
    )
    assert result.exit_code == 2
    assert words in result.output
    assert workspace.fx_rates_csv.read_text() == before
