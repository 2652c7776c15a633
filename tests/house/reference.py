"""Reference pages, generated from the code: `make reference` writes them, a test compares.

A page says what exists: formats and contracts, commands and settings, relations and metrics. What
it is for, a person writes in the README of its room.
"""

from __future__ import annotations

import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer.main
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import ModelNode
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from ingest.contracts.tables import TABLES
from ingest.pull import client
from ingest.records import limits
from ingest.reference.table import Column
from ingest.sources import EVERY_SOURCE, FORMATS
from ingest.warehouse.reference_tables import REFERENCE_TABLES
from pipelines.cli.app import app
from pipelines.dbt_models.decisions import columns_of
from pipelines.workspace.settings import Settings
from tests.conftest import REPOSITORY
from tests.house import agent_pages, dependencies, entities
from tests.house.project import domain, models

NOTE = "*Generated from the code by `make reference`; do not edit.*"
CONTRACTS = Path("dbt_project") / "models" / "contracts.md"
"""Doc blocks of canonical columns, which models take their texts from."""

MOST_MODELS = 6
"""Models that a row of the index names; `status` alone stands in more than can be read."""

INDEX = ("<!-- index: make reference -->", "<!-- end of index -->")
"""Marks between which DECISIONS.md has its index."""


def pages(manifest: Manifest) -> dict[Path, str]:
    """Return every generated page as it should be, by path in the repository."""
    decisions = Path("dbt_project") / "DECISIONS.md"
    return {
        Path("ingest") / "reference.md": _page("ingest: formats and contracts", _ingest()),
        Path("pipelines") / "reference.md": _page("pipelines: commands and settings", _pipelines()),
        CONTRACTS: doc_blocks_of_contracts(),
        Path("dbt_project") / "reference.md": _page("dbt_project: relations", _relations(manifest)),
        Path("DEPENDENCIES.md"): _page("Dependencies", dependencies.lines()),
        decisions: _with_index((REPOSITORY / decisions).read_text(), manifest),
        Path("pipelines") / "agents" / "SKILL.md": agent_pages.skill(manifest),
        Path("pipelines") / "agents" / "llms.txt": agent_pages.llms(),
    }


def doc_blocks_of_contracts() -> str:
    """Texts of canonical columns as dbt's doc blocks; of equal ones in several tables the first."""
    blocks = {text: block for block, text in reversed(list(_canonical_texts()))}
    named = [(block, text) for block, text in _canonical_texts() if blocks[text] == block]
    lines = [f"{{% docs {block} %}}\n{text[1]}\n{{% enddocs %}}\n" for block, text in named]
    return "\n".join([NOTE, "", *lines])


def _canonical_texts() -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield (name of a block, column and its text)."""
    for table in TABLES.values():
        for column in table.columns:
            yield f"{table.name}__{column.name}", (column.name, column.doc)


def _page(title: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# {title}", "", NOTE, "", *lines]).rstrip() + "\n"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [[" ".join(str(cell).split()).replace("|", "\\|") for cell in row] for row in rows]
    return [
        f"| {' | '.join(header)} |",
        "|" + "---|" * len(header),
        *(f"| {' | '.join(row)} |" for row in cells),
        "",
    ]


def _ingest() -> list[str]:
    """Formats by what they bring, then every canonical table with its columns."""
    kinds: dict[str, list[Any]] = defaultdict(list)
    for fmt in FORMATS.values():
        kinds["Bills" if ".billing." in fmt.read.__module__ else "Calls and outcomes"].append(fmt)
    lines: list[str] = []
    for kind, formats in sorted(kinds.items()):
        lines += [f"## {kind}: `format` of a source", ""]
        lines += _table(
            ("format", "reads", "files", "settings"),
            ((f"`{f.name}`", f.title, _names(f.suffixes), _names(f.options)) for f in formats),
        )
    lines += [f"Settings of every source: {_names(EVERY_SOURCE)}. Any other key is an error.", ""]
    lines += ["## Limits of one file", ""]
    lines += _table(("limit", "at most", "beyond it"), _limits())
    lines += _reference_tables()
    for table in TABLES.values():
        lines += [f"## `{table.name}`", "", f"Grain: {table.grain}. Names: {table.standard}.", ""]
        lines += _table(
            ("column", "type", ""),
            (
                (f"`{c.name}`{' (required)' if c.required else ''}", c.type, c.doc)
                for c in table.columns
            ),
        )
    return lines


def _limits() -> list[tuple[str, str, str]]:
    """What one file may ask of a run."""
    mb = 1 << 20
    return [
        ("a record: a line, an element of an array, a page", f"{limits.LONGEST_RECORD // mb} MB",
         "a line is quarantined; an array or a page fails its file"),
        ("lists and objects inside each other, in an array or a page", "some 900",
         "fails its file; in JSON lines it is of no matter"),
        ("growth of a gzip that is unpacked",
         f"{limits.LARGEST_EXPANSION} times, or {limits.HARMLESS_BYTES // mb} MB",
         "fails its file"),
        ("time to read a batch or a file", f"{limits.READING_SECONDS:.0f} s, and"
         f" {limits.SECONDS_A_MEGABYTE:.0f} s a megabyte", "fails its file"),
        ("memory of a process that reads one file apart", f"{limits.READING_BYTES >> 30} GB",
         "fails its file"),
        ("files and bytes that are read and committed together",
         f"{limits.BATCH_FILES}, {limits.BATCH_BYTES // mb} MB",
         "the next batch; no limit of a run"),
        ("an answer of an API that is pulled", f"{client.MOST_BYTES // mb} MB,"
         f" {client.ANSWER_SECONDS:.0f} s", "the pull of the report fails; nothing of it is laid"),
    ]  # fmt: skip


def _names(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _reference_tables() -> list[str]:
    """Every file of `config/` with its columns, in the order of its header."""
    lines: list[str] = []
    for table in REFERENCE_TABLES:
        lines += [f"## `{table.file}`", "", f"{table.title[0].upper()}{table.title[1:]}.", ""]
        if table.key:
            key = [table.columns[name].name or name for name in table.key]
            lines += [f"Rows must not overlap in time that have the same {_names(key)}.", ""]
        lines += _table(
            ("column", ""),
            (
                (f"`{column.name or name}`{_needed(column)}", _meaning(column))
                for name, column in table.columns.items()
                if not column.is_computed
            ),
        )
    return lines


def _needed(column: Column) -> str:
    return " (required)" if column.is_required else " (may be left out)" * column.is_optional


def _meaning(column: Column) -> str:
    return f"{column.doc}: {_names(column.allowed)}" if column.allowed else column.doc


def _pipelines() -> list[str]:
    lines = ["## Commands", ""]
    for name, command in _commands(typer.main.get_command(app), "outlay"):
        lines += [f"### `{name}`", "", _prose(command.help or ""), ""]
        rows = [row for row in map(_parameter, command.params) if row]
        lines += _table(("option", "", "default"), rows) if rows else []
    lines += ["## Settings", ""]
    lines += ["Keys of `outlay.toml`. A variable `OUTLAY_<KEY>` of the environment goes first.", ""]
    return lines + _table(("key", "type and bounds", "default", ""), _settings(Settings))


def _commands(command: Any, name: str) -> Iterable[tuple[str, Any]]:
    """Yield every command below one, by its whole name."""
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
        return
    for word in sorted(below):
        if not below[word].hidden:
            yield from _commands(below[word], f"{name} {word}")


def _prose(text: str) -> str:
    """Help text as one paragraph per paragraph."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\b", "").strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _parameter(parameter: Any) -> tuple[str, str, str] | None:
    if getattr(parameter, "hidden", False) or parameter.name == "help":
        return None
    named = parameter.param_type_name == "option"
    names = ", ".join(parameter.opts) if named else parameter.metavar or parameter.name.upper()
    default = parameter.default
    is_plain = default in (None, False, (), "") or callable(default)
    return f"`{names}`", getattr(parameter, "help", "") or "", "" if is_plain else f"`{default}`"


def _settings(model: type[BaseModel], prefix: str = "") -> Iterable[tuple[str, str, str, str]]:
    """Yield each key with its type and bounds, default and description; sections after keys."""
    nested = []
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            nested.append((name, field.annotation))
        elif name != "salt":
            yield f"`{prefix}{name}`", _kind(field), _default(field), field.description or ""
    for name, section in nested:
        yield from _settings(section, f"{prefix}{name}.")


def _kind(field: FieldInfo) -> str:
    """Type and bounds of a setting as its reader knows them."""
    names = {"str": "text", "int": "whole number", "Decimal": "number", "date": "date"}
    name = getattr(field.annotation, "__name__", str(field.annotation))
    if name == "Literal":
        return " or ".join(f"`{value}`" for value in field.annotation.__args__)  # type: ignore[union-attr]
    bounds = {type(m).__name__: m for m in field.metadata}
    least, most = bounds.get("Ge"), bounds.get("Le")
    return names.get(name, "table" if name == "dict" else "list") + (
        f", {least.ge} to {most.le}" if least and most else ""
    )


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required" if field.is_required() else ""
    return f"`{field.default}`" if field.default not in ({}, "") else ""


def _relations(manifest: Manifest) -> list[str]:
    """Published relations by domain, each with what it holds and its grain."""
    lines: list[str] = []
    for layer in ("marts", "reports"):
        lines += [f"## Schema `{layer}`", ""]
        rows = [
            (f"`{node.name}`", domain(node), *_description_and_grain(node))
            for node in sorted(models(manifest, layer), key=lambda node: (domain(node), node.name))
        ]
        lines += _table(("relation", "domain", "holds", "one row is"), rows)
    return [*entities.diagram(manifest), *lines]


def _description_and_grain(node: ModelNode) -> tuple[str, str]:
    text, _, grain = node.description.strip().rpartition("Grain: ")
    return text.strip(), grain.strip().rstrip(".")


def _with_index(text: str, manifest: Manifest) -> str:
    """DECISIONS.md with its index made anew: entry, models that have it, pages that show it."""
    start, end = INDEX
    head, _, rest = text.partition(start)
    _, _, tail = rest.partition(end)
    titles = re.findall(r"^## (.+)$", tail, re.M)
    having: dict[str, list[str]] = defaultdict(list)
    for node in models(manifest, "marts", "reports"):
        for column in node.columns:
            having[column].append(node.name)
        for title in titles:
            if f"`{title}`".lower() in f"{node.description} {node.raw_code}".lower():
                having[title].append(node.name)
    shown = _pages_of_models(manifest)
    rows = [_index_row(title, having, shown) for title in titles]
    table = "\n".join(_table(("entry", "models", "pages"), rows))
    return f"{head}{start}\n\n{table}\n{end}{tail}"


def _index_row(
    title: str, having: Mapping[str, Sequence[str]], shown: Mapping[str, set[str]]
) -> tuple[str, str, str]:
    words = [title, *columns_of(title)]
    found = {name for word in words for name in having.get(word, ())}
    used = sorted({page for name in found for page in shown.get(name, ())})
    anchor = re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")
    listed = ", ".join(f"`{name}`" for name in sorted(found)[:MOST_MODELS])
    more = len(found) - MOST_MODELS
    listed += f" and {more} more" if more > 0 else ""
    return f"[{title}](#{anchor})", listed, ", ".join(used)


def _pages_of_models(manifest: Manifest) -> dict[str, set[str]]:
    shown: dict[str, set[str]] = defaultdict(set)
    for exposure in manifest.exposures.values():
        for key in exposure.depends_on.nodes:
            shown[manifest.nodes[key].name].add(exposure.label or exposure.name)
    return shown


def parsed_project() -> Manifest:
    """Return dbt's own account of the project."""
    from tests.support.warehouse import invoke

    with tempfile.TemporaryDirectory() as folder:
        result = invoke(["parse"], Path(folder) / "w.duckdb", {"reporting_timezone": "UTC"})
    assert isinstance(result.result, Manifest), result.exception
    return result.result


if __name__ == "__main__":
    # dbt finds no block that is not written yet
    (REPOSITORY / CONTRACTS).write_text(doc_blocks_of_contracts(), encoding="utf-8")
    for path, content in pages(parsed_project()).items():
        (REPOSITORY / path).write_text(content, encoding="utf-8")
        print(f"wrote {path}")
