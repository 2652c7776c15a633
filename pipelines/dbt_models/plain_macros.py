"""Macros of the project that need no dbt, rendered on their own."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml  # type: ignore[import-untyped]
from jinja2 import Environment, StrictUndefined

from pipelines.dbt_models.dbt_command import PROJECT


@cache
def macros(*files: str) -> Any:
    """Macros of some files as functions that return SQL; they may use each other, and no dbt.

    Args:
        files: paths below `macros/`, without `.sql`.
    """
    source = "\n".join(
        (PROJECT / "macros" / f"{name}.sql").read_text(encoding="utf-8") for name in files
    )
    # SQL: nothing here is shown by a browser
    return Environment(undefined=StrictUndefined).from_string(source).module  # noqa: S701


def variables() -> dict[str, Any]:
    """The project's variables, as they are unless a workspace says otherwise."""
    return dict(yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"])
