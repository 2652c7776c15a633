"""Presets: gateways whose log is little more than names, as mappings that ship with Outlay.

`presets/<format>.toml` is one format, in the grammar of `ingest.mapping.sections`; `[fields]`,
`[attribution]`, `[tokens]` and `[labels]` of a workspace replace its entries one by one. Beyond
that grammar a preset says

* `title`, `suffixes`: what it reads; `table`: what it fills, where that is not `gateway_calls`
* `context`: where callers may state the context of a call, an entry with `{name}` in it
* `inside = "data"`: a record may lie inside that key, as an API answers
* `[records]`: which records are calls, as `when` does; a workspace may say it too
* `[tools]`: tool calls in the same files; `ingest.gateways.tool_calls` says how
* `[[evaluations]]`: scores that stand in the same records; `ingest.mapping.outcomes` says which
  count
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import duckdb

from ingest.contracts.calls import GATEWAY_CALLS
from ingest.contracts.changes import CHANGE_EVENTS
from ingest.contracts.outcomes import TASK_OUTCOMES
from ingest.errors import ConfigError
from ingest.gateways.call_context import filled_in, usual_context
from ingest.gateways.evaluations import EvaluationMapping, compile_evaluations
from ingest.gateways.mapped import MappedSource, compile_source
from ingest.gateways.tool_calls import ToolCalls, compile_tools
from ingest.mapping.expression import Expression
from ingest.mapping.projection import in_source_words, leaves_of
from ingest.mapping.sections import read_section, refuse_nested_paths
from ingest.records.fields import Leaf
from ingest.records.format import Format, InputFile, SourceConfig, Staged
from ingest.records.headers import csv_header, parquet_columns, require_columns
from ingest.records.reader import read_records
from ingest.sql import quote

FOLDER = Path(__file__).parent / "presets"

_SECTIONS = ("fields", "attribution", "tokens", "labels", "outcomes", "records")


@dataclass(frozen=True)
class _Plan:
    """A source, compiled: its calls, if it has any, and what stands beside them."""

    calls: MappedSource | None
    judged: Sequence[EvaluationMapping]
    inside: tuple[str, ...]
    tools: ToolCalls | None = None

    def leaves(self) -> list[Leaf]:
        """Every value that is read."""
        found = self.calls.leaves if self.calls else []
        everything = {
            f"{number}.{name}": e
            for number, judged in enumerate(self.judged)
            for name, e in judged.expressions.items()
        }
        if self.tools:
            everything |= {f"tools.{name}": e for name, e in self.tools.leaves.items()}
        return leaves_of(everything, found)


def read(
    con: duckdb.DuckDBPyConnection,
    files: Sequence[InputFile],
    config: SourceConfig,
    preset: str,
) -> Iterator[Staged]:
    """Read files as the preset and the workspace's settings say.

    Raises:
        ConfigError: an entry of the settings is wrong; names its key.
        SourceFileError: a file cannot be read at all.
    """
    plan = _plan(config, _preset_settings(preset))
    leaves = plan.leaves()
    wrapped = [replace(leaf, path=(*plan.inside, *leaf.path)) for leaf in leaves]
    for file_type, batch in _by_type(files).items():
        for file in batch:
            _require(file, file_type, plan)
        wanted = leaves if file_type != "jsonl" or not plan.inside else [*leaves, *wrapped]
        for relation in read_records(con, batch, wanted, file_type):
            unwrapped = _unwrapped(relation, leaves, wrapped) if wanted != leaves else relation
            yield from _staged(con, plan, unwrapped)


def _staged(con: duckdb.DuckDBPyConnection, plan: _Plan, relation: str) -> Iterator[Staged]:
    if plan.calls:
        yield from plan.calls.staged(con, relation)
    if plan.tools:
        yield Staged(GATEWAY_CALLS.name, f"({plan.tools.select(relation)})")
    for judged in plan.judged:
        yield Staged(TASK_OUTCOMES.name, f"({judged.select(relation)})")


def _unwrapped(relation: str, leaves: Sequence[Leaf], wrapped: Sequence[Leaf]) -> str:
    """The records, whether they lie inside a key or not."""
    columns = ", ".join(
        f"coalesce({quote(inner.name)}, {quote(leaf.name)}) as {quote(leaf.name)}"
        for leaf, inner in zip(leaves, wrapped, strict=True)
    )
    provenance = "file_id, source_line, reject_field, reject_reason"
    return f"(select {provenance}, {columns} from {relation})"


def _by_type(files: Sequence[InputFile]) -> dict[str, list[InputFile]]:
    found: dict[str, list[InputFile]] = {}
    for file in files:
        name = file.relative.lower().removesuffix(".gz")
        kind = {".csv": "csv", ".parquet": "parquet"}.get(Path(name).suffix, "jsonl")
        found.setdefault(kind, []).append(file)
    return found


def _require(file: InputFile, file_type: str, plan: _Plan) -> None:
    """A table file of another kind is refused: its columns would all be NULL."""
    if file_type == "jsonl" or plan.calls is None:
        return
    columns = csv_header(file) if file_type == "csv" else parquet_columns(file)
    for column in plan.calls.table.columns:
        expression = plan.calls.expressions.get(column.name)
        if column.required and expression is not None:
            for choices in expression.needs:
                require_columns(file, columns, expression.origin, choices)


def _plan(config: SourceConfig, preset: Mapping[str, Any]) -> _Plan:
    merged = _merged(config, preset)
    inside = (str(preset["inside"]),) if "inside" in preset else ()
    if preset.get("table") == TASK_OUTCOMES.name:
        judged = compile_evaluations(merged, preset["evaluations"], {})
        if not judged:
            reason = "name the scores that count: [outcomes.<name>] success = ..."
            raise ConfigError(str(config.path), "outcomes", reason)
        return _Plan(None, judged, inside)
    source = compile_source(merged)
    if "context" in preset:
        places = partial(filled_in, preset["context"])
        context = usual_context(merged, places, own=source.expressions)
        source = replace(source, expressions={**source.expressions, **context})
    named = in_source_words(source.table, _unbilled_hits(_lowered(source.expressions)))
    judged = compile_evaluations(merged, preset.get("evaluations", []), named)
    tools = compile_tools(merged, preset["tools"], named) if "tools" in preset else None
    others = tools.whole_records if tools else "false"
    plan = _Plan(replace(source, expressions=named, others=others), judged, inside, tools)
    refuse_nested_paths(merged, named, plan.leaves())
    return plan


def _lowered(expressions: Mapping[str, Expression]) -> dict[str, Expression]:
    """A provider's name in one spelling, whatever case the gateway writes."""
    found = dict(expressions)
    if "provider" in found:
        found["provider"] = replace(found["provider"], sql=f"lower({found['provider'].sql})")
    return found


def _unbilled_hits(expressions: Mapping[str, Expression]) -> dict[str, Expression]:
    """Nobody is billed for an answer of the gateway's cache: its cost is what it avoided."""
    found = dict(expressions)
    hit, cost = found.get("cached_hit"), found.get("reported_cost_usd")
    if hit and (origin := found.get("cache_source_call_id")):
        # what answered no hit repeats no call, whatever stands there
        sql = f"case when {hit.sql} then {origin.sql} end"
        leaves = (*origin.leaves, *hit.leaves)
        found["cache_source_call_id"] = replace(origin, sql=sql, leaves=leaves)
    if hit is None or cost is None:
        return found
    is_hit = f"coalesce({hit.sql}, false)"
    found["reported_cost_usd"] = replace(
        cost,
        sql=f"case when {is_hit} then 0 else {cost.sql} end",
        leaves=(*cost.leaves, *hit.leaves),
    )
    avoided = replace(
        cost,
        sql=f"case when {is_hit} then nullif({cost.sql}, 0) end",
        fault=None,
        leaves=(*cost.leaves, *hit.leaves),
    )
    found.setdefault("reported_avoided_usd", avoided)
    if stated := found.get("reported_cost"):
        sql = f"case when not {is_hit} then {stated.sql} end"
        leaves = (*stated.leaves, *hit.leaves)
        found["reported_cost"] = replace(stated, sql=sql, leaves=leaves)
    return found


def _merged(config: SourceConfig, preset: Mapping[str, Any]) -> SourceConfig:
    """The settings, with the preset's entry wherever the workspace says nothing."""
    sections: dict[str, Any] = {}
    for name in _SECTIONS:
        sections[name] = {**preset.get(name, {}), **read_section(config, name)}
    # a column that the workspace gives in one section must not come from the preset in another
    for name, other in (("attribution", "fields"), ("fields", "attribution")):
        for column in config.options.get(name, {}):
            if column not in config.options.get(other, {}):
                sections[other].pop(column, None)
    missing = config.options.get("missing", preset.get("missing", []))
    table = {"table": preset["table"]} if "table" in preset else {}
    return replace(config, options={**config.options, **table, **sections, "missing": missing})


@cache
def _preset_settings(preset: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{preset}.toml").read_text(encoding="utf-8"))


def _format(preset: str) -> Format:
    stated = _preset_settings(preset)
    return Format(
        preset,
        str(stated["title"]),
        tuple(stated["suffixes"]),
        partial(read, preset=preset),
        options=(*_SECTIONS, "missing"),
    )


FORMATS = tuple(_format(path.stem) for path in sorted(FOLDER.glob("*.toml")))
"""Every preset as a format."""

OF_CHANGES = tuple(
    fmt.name for fmt in FORMATS if _preset_settings(fmt.name).get("table") == CHANGE_EVENTS.name
)
"""Those that bring changes."""
