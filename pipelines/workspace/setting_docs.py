"""Settings explained from their one declaration: comments of `outlay.toml`, bounds in words."""

from __future__ import annotations

import textwrap
from decimal import Decimal
from typing import Any

from annotated_types import Ge, Le
from pydantic.fields import FieldInfo

from pipelines.workspace.settings import Settings

_WIDTH = 98


def field_at(key: str) -> FieldInfo:
    """A setting's declaration, by dotted key such as `thresholds.unpriced_share`.

    Raises:
        KeyError: there is no such setting.
    """
    model: Any = Settings
    *tables, name = key.split(".")
    for table in tables:
        model = model.model_fields[table].annotation
    found: FieldInfo = model.model_fields[name]
    return found


def bounds(field: FieldInfo) -> str | None:
    """The bounds of a setting in words, `0 to 1`; None without any."""
    least = next((part.ge for part in field.metadata if isinstance(part, Ge)), None)
    most = next((part.le for part in field.metadata if isinstance(part, Le)), None)
    if least is None and most is None:
        return None
    return f"{least} and more" if most is None else f"{least} to {most}"


def comment(key: str) -> str:
    """The lines of `outlay.toml` that stand above a setting: what it decides, evidence, bounds."""
    field = field_at(key)
    limits = bounds(field)
    text = f"{field.description}{f' Bounds: {limits}.' if limits else ''}"
    return textwrap.indent(textwrap.fill(text, _WIDTH, break_on_hyphens=False), "# ")


def default(key: str) -> str:
    """A setting's default as `outlay.toml` states it."""
    return _toml(field_at(key).default)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
