"""Dagster's pages in a real browser: where a report comes from, back to the inbox."""

from __future__ import annotations

import html
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator

import pytest

from pipelines.orchestration.ui import dagster_command
from pipelines.workspace.paths import Workspace
from tests.support.browser import find_browser, page_content

LINEAGE = "assets/reports/rpt_unit_cost?view=lineage&lineageScope=upstream&lineageDepth=20"


@pytest.fixture
def served(own: Workspace) -> Iterator[str]:
    """The address of `outlay ui` on the small workspace."""
    find_browser()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = dagster_command(own, port)
    process = subprocess.Popen(
        command.arguments,
        env={**os.environ, **command.environment},
        cwd=command.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "Serving dagster-webserver" in line:
                break
        assert process.poll() is None, "".join(said)
        yield f"http://127.0.0.1:{port}"
    finally:
        # begun by a test run in the background, it would not hear Ctrl-C
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=60)


def test_a_page_shows_the_lineage_of_a_report_from_the_inbox_on(
    served: str, own: Workspace
) -> None:
    page = page_content(
        find_browser(), f"{served}/{LINEAGE}", own.root.parent / "profile", seconds=60
    )
    shown = {html.unescape(text) for text in re.findall(r">([^<>]+)<", page)}
    # the inbox folder, what is made of its calls, and the report
    assert {"bot", "stg_gateway__calls", "fct_calls", "fct_tasks", "rpt_unit_cost"} <= shown
    assert "Join the Dagster community" not in shown
