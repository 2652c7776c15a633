"""Metrics that can be asked for, read from where the models and DECISIONS.md declare them.

A model's `meta.metrics` says what may be summed of its rows: `sums` of columns, `ratios` of two of
them, by `dimensions` and in `period`, of rows `where`. What a metric means, its column says; what
people contest, the entry of DECISIONS.md that is named after it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml  # type: ignore[import-untyped]

from ingest.errors import OutlayError, nearest
from pipelines.dbt_models.dbt_command import PROJECT
from pipelines.dbt_models.decisions import columns_of, decisions
from pipelines.dbt_models.doc_blocks import described

LAYERS = ("reports", "marts")

SHORT = {"tenant": "tenant_id", "model": "model_id", "key": "api_key_id"}
"""What people say of a dimension, with its column."""

GRAINS = ("day", "week", "month")
"""Stretches of time that a metric can be asked by, beside dimensions."""

Basis = Literal["charge", "estimate", "reported"]


@dataclass(frozen=True)
class Metric:
    """A number of one relation, by any of its dimensions.

    Attributes:
        name: the column's.
        relation: schema and name of what is asked.
        description: what the column says of itself.
        basis: whose figure it is.
        period: the column by which periods are cut; one called `month` has whole months alone.
        dimensions: columns that it can be asked by.
        numerator, denominator: columns that are summed; without the second it is a sum.
        where: SQL of the rows that count; empty: all.
        model: the file that computes the relation.
    """

    name: str
    relation: str
    description: str
    basis: Basis
    period: str
    dimensions: tuple[str, ...]
    numerator: str
    denominator: str | None
    where: str
    model: Path

    @property
    def is_monthly(self) -> bool:
        """Whether only whole months can be asked for."""
        return self.period == "month"

    @property
    def periods(self) -> str:
        """What periods can be asked for, in words."""
        return "whole months" if self.is_monthly else "any days"

    @property
    def expression(self) -> str:
        """The metric of some rows; money stays a decimal, as in `usd_per` of the models."""
        if self.denominator is None:
            return f"sum({self.numerator})"
        quotient = f"cast(sum({self.numerator}) as double) / nullif(sum({self.denominator}), 0)"
        return f"cast({quotient} as decimal(28, 9))" if self.name.endswith("_usd") else quotient


@cache
def metrics() -> tuple[Metric, ...]:
    """Every metric of every relation, by name; of one name reports and many dimensions first."""
    found = [
        metric
        for layer in LAYERS
        for file in sorted((PROJECT / "models" / layer).rglob("*.yml"))
        if "\n        metrics:\n" in (text := file.read_text(encoding="utf-8"))
        for model in yaml.safe_load(text)["models"]
        for metric in _metrics_of(layer, file, model)
    ]
    return tuple(
        sorted(
            found,
            key=lambda metric: (
                metric.name,
                LAYERS.index(metric.relation.partition(".")[0]),
                -len(metric.dimensions),
            ),
        )
    )


def _metrics_of(layer: str, file: Path, model: Mapping[str, Any]) -> list[Metric]:
    stated = model.get("config", {}).get("meta", {}).get("metrics")
    if not stated:
        return []
    words = {column["name"]: described(column["description"]) for column in model["columns"]}
    ratios: Mapping[str, Sequence[str]] = stated.get("ratios", {})
    parts: dict[str, tuple[str, str | None]] = {
        name: (name, None) for name in stated.get("sums", ())
    }
    parts |= {name: (top, bottom) for name, (top, bottom) in ratios.items()}
    bases = stated.get("bases", {})
    return [
        Metric(
            name=name,
            relation=f"{layer}.{model['name']}",
            description=words[name],
            basis=bases.get(name, stated["basis"]),
            period=stated["period"],
            dimensions=tuple(stated["dimensions"]),
            numerator=top,
            denominator=bottom,
            where=stated.get("where", ""),
            model=file.with_suffix(".sql"),
        )
        for name, (top, bottom) in parts.items()
    ]


def metric_for(name: str, by: Sequence[str], *, whole_months: bool) -> Metric:
    """The relation of a metric that has all dimensions that are asked for.

    Args:
        by: columns, also those of filters.
        whole_months: the period begins and ends with a month, and no shorter grain is asked for.

    Raises:
        OutlayError: there is no such metric, or none by these dimensions and this period.
    """
    named = [metric for metric in metrics() if metric.name == name]
    if not named:
        known = sorted({metric.name for metric in metrics()})
        raise OutlayError(
            f"there is no metric {name!r}{nearest(name, known)}; there are {', '.join(known)}"
        )
    fitting = [
        metric
        for metric in named
        if set(by) <= set(metric.dimensions) and (whole_months or not metric.is_monthly)
    ]
    if not fitting:
        choices = "; ".join(
            f"{', '.join(metric.dimensions)} ({metric.periods})" for metric in named
        )
        raise OutlayError(f"{name} cannot be asked by {', '.join(by) or 'these days'}: {choices}")
    return fitting[0]


def column_of(dimension: str) -> str:
    """The column that a dimension is called by."""
    return SHORT.get(dimension, dimension)


def decision_on(name: str) -> str | None:
    """The entry that is named after a column; None when nobody argues about it."""
    for title, text in decisions().items():
        if name == title or name in columns_of(title):
            return f"{title}\n\n{text}"
    return None
