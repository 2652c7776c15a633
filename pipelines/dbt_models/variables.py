"""Which variables of the project a node's SQL depends on, and their values.

A workspace's settings reach the models as dbt's variables. What dbt compiled under one value of a
variable stands for every workspace that has the same value, whatever its other settings are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from pipelines.dbt_models.plain_macros import variables

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_READ = re.compile(r"""\bvar\(\s*["'](\w+)["']""")
_WORD = re.compile(r"\w+")


def values_of(stated: Mapping[str, Any]) -> dict[str, str]:
    """Every variable of the project as JSON: as stated, else as its default."""
    return {
        name: json.dumps(value, sort_keys=True) for name, value in {**variables(), **stated}.items()
    }


def variables_read(manifest: Manifest) -> Callable[[str], set[str]]:
    """A function from a node's unique id to the variables that its SQL may depend on.

    Found in the text of the node, of its hooks, of the macros that these name, and of the ephemeral
    models inside it: a name too many costs a compilation, and none can be missing.
    """
    macros = {
        macro.name: macro.macro_sql
        for macro in manifest.macros.values()
        if macro.package_name == manifest.metadata.project_name
    }
    named = {name: macros.keys() & _words(text) for name, text in macros.items()}
    known = variables().keys()

    @cache
    def read(unique_id: str) -> set[str]:
        node: Any = manifest.nodes[unique_id]
        hooks = [*getattr(node.config, "pre_hook", ()), *getattr(node.config, "post_hook", ())]
        given = getattr(node, "test_metadata", None)  # a generic test's arguments
        text = "\n".join([node.raw_code, *(hook.sql for hook in hooks), str(given or "")])
        reached = _reached(macros.keys() & _words(text), named)
        found = {name for part in (text, *(macros[one] for one in reached))
                 for name in _READ.findall(part)}  # fmt: skip
        return found & known

    return lambda unique_id: set().union(*map(read, with_ephemeral_parents(unique_id, manifest)))


def with_ephemeral_parents(unique_id: str, manifest: Manifest) -> set[str]:
    """A node and the ephemeral models inside its SQL, by unique id."""
    nodes: Mapping[str, Any] = manifest.nodes
    found, left = {unique_id}, [unique_id]
    while left:
        for parent in nodes[left.pop()].depends_on.nodes:
            is_model = parent.startswith("model.") and parent not in found
            if is_model and nodes[parent].config.materialized == "ephemeral":
                found.add(parent)
                left.append(parent)
    return found


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text))


def _reached(names: Iterable[str], named: Mapping[str, set[str]]) -> set[str]:
    """Some macros and all that they name, directly or not."""
    found: set[str] = set()
    left = set(names)
    while left:
        name = left.pop()
        found.add(name)
        left |= named[name] - found
    return found
