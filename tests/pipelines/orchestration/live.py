"""Dagster's page in a real browser: where a report comes from, back to the inbox.

Dagster lays a graph out in a worker, for as long as the machine is busy: run alone
(`make lineage`), so that no other test keeps the machine from it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator

import pytest

from pipelines.orchestration.ui import dagster_command
from pipelines.workspace.paths import Workspace
from tests.support.browser import find_browser
from tests.support.live_page import missing_texts

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


SHOWN = {"bot", "stg_gateway__calls", "fct_calls", "fct_tasks", "rpt_unit_cost"}
"""The inbox folder, what is made of its calls, and the report."""


def test_a_page_shows_the_lineage_of_a_report_from_the_inbox_on(
    served: str, own: Workspace
) -> None:
    url, profile = f"{served}/{LINEAGE}", own.root.parent / "profile"
    assert missing_texts(find_browser(), url, profile, SHOWN, seconds=300) == []
