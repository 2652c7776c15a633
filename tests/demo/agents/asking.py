"""Questions as an agent asks them, in this process."""

from __future__ import annotations

import asyncio
from typing import Any

from mcp import Client

from pipelines.agents.published import Limits
from pipelines.agents.server import make_server
from pipelines.workspace.paths import Workspace


def asked(metric: str, by: str = "", **more: Any) -> dict[str, Any]:
    return {"metric": metric, "by": by.split(), "period": "2026-07", "limit": 200, **more}


async def told_as(client: Client, tool: str, arguments: dict[str, Any]) -> str:
    result = await client.call_tool(tool, arguments)
    return str(result.content[0].text)


def in_process(
    workspace: Workspace, limits: Limits, *calls: tuple[str, dict[str, Any]]
) -> list[str]:
    """Texts of answers or refusals."""

    async def ask_all() -> list[str]:
        async with Client(make_server(workspace, limits)) as client:
            return [await told_as(client, *call) for call in calls]

    return asyncio.run(ask_all())
