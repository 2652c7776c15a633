"""The page on production: its units are read by systemd's own checker, its commands are ours."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from pipelines.cli.app import app

PAGE = Path(__file__).parents[3] / "pipelines" / "operations" / "production.md"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)


def blocks(language: str) -> list[str]:
    return [text for found, text in BLOCK.findall(PAGE.read_text()) if found == language]


def unit(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def test_the_units_name_each_other_and_start_what_the_command_line_knows() -> None:
    service, timer = map(unit, blocks("ini"))
    words = shlex.split(service["Service"]["ExecStart"])
    assert words[0].endswith("/bin/outlay")
    assert CliRunner().invoke(app, [*words[1:], "--help"]).exit_code == 0
    assert service["Service"]["WorkingDirectory"] == service["Service"]["ReadWritePaths"]
    assert timer["Install"]["WantedBy"] == "timers.target"
    assert timer["Timer"]["OnCalendar"].split()[-1] == "Europe/Berlin"


def test_systemd_finds_nothing_wrong_with_them(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:  # Debian's own; elsewhere the test above is what holds them
        return
    service, timer = blocks("ini")
    # where this machine has a program and a folder
    own = service.replace("/opt/outlay/bin/outlay", "/bin/true").replace(
        "/srv/outlay", str(tmp_path)
    )
    (tmp_path / "outlay.service").write_text(own.replace("User=outlay", "User=root"))
    (tmp_path / "outlay.timer").write_text(timer)
    found = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / "outlay.service"),
         str(tmp_path / "outlay.timer")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in found.stderr.splitlines() if "outlay" in line]
    assert ours == []


def test_the_line_for_cron_has_a_time_a_user_and_a_command_of_ours() -> None:
    (line,) = blocks("cron")
    minute, hour, *days, user, command = line.strip().split(maxsplit=6)
    assert (minute, hour, days, user) == ("15", "5", ["*", "*", "*"], "outlay")
    words = shlex.split(command)
    assert CliRunner().invoke(app, [*words[words.index("&&") + 2 :], "--help"]).exit_code == 0


@pytest.mark.parametrize("program", ["dagster-webserver", "dagster-daemon"])
def test_dagsters_programs_take_what_they_are_told(program: str) -> None:
    (text,) = blocks("sh")
    (line,) = [line for line in text.splitlines() if line.startswith(program)]
    words = [word for word in shlex.split(line)[1:] if word.startswith("-")]
    if program == "dagster-webserver":
        from dagster_webserver.cli import dagster_webserver as command
    else:
        from dagster._daemon.cli import run_command as command
    known = {name for option in command.params for name in option.opts}
    assert set(words) <= known


def test_the_storage_is_what_dagster_reads() -> None:
    (text,) = blocks("yaml")
    assert yaml.safe_load(text) == {
        "storage": {"postgres": {"postgres_url": {"env": "DAGSTER_POSTGRES_URL"}}}
    }
