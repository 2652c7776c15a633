"""The command that lets agents ask."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.errors import in_workspace
from pipelines.cli.options import WorkspaceOption


def mcp(
    workspace: WorkspaceOption = Path(),
    http: Annotated[
        bool, typer.Option("--http", help="Serve HTTP on 127.0.0.1 instead of stdio.")
    ] = False,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of --http.")] = 8975,
    max_rows: Annotated[
        int, typer.Option(min=1, max=10_000, help="Rows of an answer at most.")
    ] = 200,
    max_seconds: Annotated[
        float, typer.Option(min=0.1, max=600, help="Seconds after which a query is stopped.")
    ] = 20,
) -> None:
    """Answer agents' questions from the published file, by the Model Context Protocol.

    Nothing can be written. Pseudonyms of people stay in unless `[agents] people` of `outlay.toml`
    lets them out. Example, for an agent's configuration: `outlay mcp --workspace /srv/acme`
    """
    from pipelines.agents.published import Limits
    from pipelines.agents.server import serve
    from pipelines.workspace.load import load_workspace

    with in_workspace(workspace) as found:
        settings, _ = load_workspace(found)
        limits = Limits(max_rows, seconds=max_seconds, shows_people=settings.agents.people)
        serve(found, limits, port if http else None)
