"""The help: every command in its panel, and the options that all of them have."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from pipelines.cli.app import PANELS
from tests.pipelines.conftest import outlay

COMMANDS = sorted(importlib.import_module("typer.main").get_command(
    importlib.import_module("pipelines.cli.app").app
).commands)  # fmt: skip


def panels() -> dict[str, list[str]]:
    """Names of the commands that the help shows, by the title of their panel."""
    found: dict[str, list[str]] = {}
    title = ""
    for line in outlay("--help").output.splitlines():
        if line.startswith("╭─ "):
            title = line.strip("╭─╮ ")
        elif line.startswith("│ ") and line[2:3].isalpha():
            found.setdefault(title, []).append(line.split()[1])
    return found


def test_the_help_shows_every_command_in_exactly_one_of_five_panels() -> None:
    shown = panels()
    assert list(shown) == ["Start", "Every day", "Month end", "Prices and rules", "Explore"]
    assert list(shown) == list(PANELS)
    assert sorted(name for names in shown.values() for name in names) == COMMANDS
    assert shown["Start"] == ["init", "demo"]
    assert shown["Month end"] == ["statements", "drill", "close", "reopen", "export"]


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS), ["export", "focus"]])
def test_a_short_h_is_help_everywhere(command: list[str]) -> None:
    short, long = outlay(*command, "-h"), outlay(*command, "--help")
    assert short.exit_code == 0
    assert "Usage: " in short.output
    assert short.output == long.output


def test_the_version_names_the_price_book_too() -> None:
    result = outlay("--version")
    book = version("genai-prices")
    assert result.output == f"outlay {version('outlay')}, price book genai-prices {book}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--quiet", "contract", "--verbose"], "--quiet and --verbose exclude each other"),
        (["contract", "--json", "--csv"], "--json and --csv exclude each other"),
    ],
)
def test_options_that_contradict_each_other_are_refused(arguments: list[str], words: str) -> None:
    result = outlay(*arguments)
    assert result.exit_code == 2
    assert words in result.output


def test_the_shell_completes_the_names_of_commands() -> None:
    asked = {"_OUTLAY_COMPLETE": "complete_bash", "COMP_WORDS": "outlay un", "COMP_CWORD": "1"}
    done = subprocess.run(
        [Path(sys.executable).with_name("outlay")],
        env={**os.environ, **asked}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert sorted(done.stdout.split()) == ["unattributed", "unmapped"]
