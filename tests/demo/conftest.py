"""Forty-five demo days at a quarter of their size, landed and built once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.demo import write_workspace_data
from tests.support.built import built_once
from tests.support.warehouse import Workspace


@dataclass(frozen=True)
class Published:
    """A built demo workspace and the answers that its generator knows."""

    workspace: Workspace
    truth: dict[str, Any]

    def amounts(self, sql: str) -> dict[tuple[Any, ...], Decimal]:
        """Rows by all but their last column; a sum of nothing is no row."""
        rows = self.workspace.query(sql)
        return {row[:-1]: row[-1] for row in rows if row[-1] not in (None, 0)}

    def monthly(self, path: str) -> dict[tuple[Any, ...], Decimal]:
        """What truth.json says at `path` of every month: by month and, of a table, by name."""
        found: dict[tuple[Any, ...], Decimal] = {}
        for month, answers in self.truth["months"].items():
            answer = answers
            for key in path.split("."):
                answer = answer.get(key, {})
            named = answer.items() if isinstance(answer, Mapping) else [(None, answer)]
            for name, amount in named:
                if Decimal(amount) != 0:
                    found[(month,) if name is None else (month, name)] = Decimal(amount)
        return found


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    settings = {"reporting_timezone": "Europe/Berlin", "incident_floor_usd": "5.5",
                "providers_without_bill": ["findable"]}  # fmt: skip

    def make(root: Path) -> None:
        root.mkdir()
        write_workspace_data(root, days=45, scale=0.25)
        Workspace(root, settings).build()

    root = built_once("demo", tmp_path_factory, make)
    return Published(
        Workspace(root, settings), json.loads((root / "truth.json").read_text(encoding="utf-8"))
    )
