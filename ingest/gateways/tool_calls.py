"""Tool calls that session files of coding agents hold: records of their own, or blocks of answers.

Only what names them is read: identifier, name and time. What a tool was given and what it returned
stays in the file. An agent runs its own tools on its user's machine, where nobody bills for them:
no token is theirs. Those of a server (MCP, `server__tool`) may cost something that nobody states.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest.contracts.calls import GATEWAY_CALLS
from ingest.contracts.columns import ATTRIBUTION
from ingest.mapping.compiler import Compiler
from ingest.mapping.expression import Expression, with_earlier
from ingest.mapping.operators import condition
from ingest.mapping.projection import canonical_select
from ingest.mapping.sections import compile_columns
from ingest.records.fields import Leaf, parse_path
from ingest.records.format import SourceConfig
from ingest.sql import literal, quote

_OF_THE_RECORD = ("session_id", "task_id", "started_at", *(c.name for c in ATTRIBUTION), "labels")
"""Columns that a tool call has from its record, as the record's answer has them."""


@dataclass(frozen=True)
class ToolCalls:
    """Section `[tools]` of a preset, compiled.

    Attributes:
        expressions: columns of a tool call, over the records, or over their blocks.
        records: predicate of the records, or blocks, that are tool calls.
        blocks: the list whose elements are blocks; None where a record is one tool call.
        keys: what is read of a block.
    """

    expressions: Mapping[str, Expression]
    records: Expression
    blocks: Leaf | None
    keys: tuple[str, ...]

    @property
    def leaves(self) -> dict[str, Expression]:
        """Expressions that name every value that is read."""
        own = (self.blocks,) if self.blocks else self.records.leaves
        return {**self.expressions, "records": replace(self.records, leaves=own)}

    @property
    def whole_records(self) -> str:
        """Predicate of the records that are tool calls and nothing else."""
        return "false" if self.blocks else self.records.sql

    def select(self, relation: str) -> str:
        """Select of the tool calls of a relation of records."""
        records = with_earlier(relation, self.expressions.values())
        if self.blocks:
            columns = ", ".join(
                f"block.{quote(key)} as {quote(f'{self.blocks.name}.{key}')}" for key in self.keys
            )
            unnested = f"select *, unnest({quote(self.blocks.name)}) as block from {records}"
            records = f"(select *, {columns} from ({unnested}))"
        called = f"(from {records} where reject_reason is null and {self.records.sql})"
        return canonical_select(self.expressions, called)


def compile_tools(
    config: SourceConfig, stated: Mapping[str, Any], calls: Mapping[str, Expression]
) -> ToolCalls:
    """Compile `[tools]`: `records` and `fields` in the grammar of mappings, `blocks` a path.

    Args:
        config: the source, for messages.
        stated: the section.
        calls: columns of the answers, over the same records.
    """
    fields = compile_columns(config, "tools.fields", stated["fields"], GATEWAY_CALLS)
    leaves, sql = condition(Compiler(config), "tools.records", stated["records"])
    records = Expression(sql, "tools.records", leaves)
    blocks, keys = None, tuple[str, ...]()
    if "blocks" in stated:
        path = parse_path(stated["blocks"])
        inside = [leaf.path for e in (*fields.values(), records) for leaf in e.leaves]
        keys = tuple(dict.fromkeys(found[-1] for found in inside))
        shape = literal(json.dumps([dict.fromkeys(keys, "VARCHAR")]))
        blocks = Leaf(path, keep=lambda text: _listed(text, shape))
        fields = {name: replace(field, leaves=()) for name, field in fields.items()}
        fields["parent_call_id"] = calls["call_id"]
    own = {name: calls[name] for name in _OF_THE_RECORD if name in calls}
    fixed = {"operation": "'execute_tool'", "service_tier": "'standard'", "status": "'ok'"}
    fixed |= dict.fromkeys(
        ("input_uncached_tokens", "output_tokens"),
        f"case when not contains({fields['tool_name'].sql}, '__') then 0 end",
    )
    columns = {name: Expression(sql, name) for name, sql in fixed.items()}
    return ToolCalls({**own, **columns, **fields}, records, blocks, keys)


def _listed(text: str, shape: str) -> str:
    """SQL of a list of blocks with the wanted keys alone; NULL of a plain text."""
    document = f"try_cast({text} as json)"
    return f"case when json_type({document}) = 'ARRAY' then from_json({document}, {shape}) end"
