"""The models as plain SQL, run straight in DuckDB: what one whole build gives, in a second.

dbt compiles every model and data test once, as for a first build, and what it made is kept for all
tests. Some macros ask the warehouse while dbt compiles, for the workspace's rules for instance, and
some read variables of the project: what each node asked and may have read is kept beside its SQL,
which is used only where the answers and the values are the same.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import pytest
from dbt.adapters.duckdb.impl import DuckDBAdapter
from dbt.compilation import Compiler
from filelock import FileLock

from tests.support.cpu_budget import shared_work

Answers = dict[str, str]
"""Queries that macros ask, and what the warehouse says."""

PROFILE = (
    "set TimeZone = 'UTC'; set threads = 1; set memory_limit = '2GB';"
    " set preserve_insertion_order = false"
)
"""As `profiles.yml` has it, but for threads: with rows as few, a second one only costs."""

KEPT = 6
"""Projects whose SQL is kept, of some megabytes each: of branches, and of one while it changes."""


@dataclass(frozen=True)
class Node:
    """A model or a data test as dbt compiled it.

    Attributes:
        kind: `table`, `view`, `ephemeral` or `test`.
        parents: the nodes and sources that it reads, by unique id.
        contract: columns and types that it must have, in their order; none without a contract.
        fails_if: of a test, whether its rows are an error, as SQL; empty when they never are.
        answers: what it was compiled under.
        variables: those of the project that it may depend on, each as JSON.
    """

    unique_id: str
    kind: str
    schema: str
    name: str
    sql: str
    parents: tuple[str, ...]
    contract: dict[str, str]
    fails_if: str
    answers: Answers
    variables: dict[str, str]


class CompiledProject:
    """Every node of the project in each form that a test has needed, seen under some variables."""

    def __init__(
        self,
        file: Path,
        variables: dict[str, str],
        compile_nodes: Callable[[list[str], Path], list[Node]],
    ) -> None:
        """Take what is kept in a file.

        Args:
            file: shared by all variables and processes.
            variables: every variable of the project, as JSON.
            compile_nodes: compiles nodes under them (none named: all).
        """
        self.file = file
        self.variables = variables
        self.compile_nodes = compile_nodes
        self.forms: dict[str, list[Node]] = defaultdict(list)
        self._load()

    def nodes_for(self, warehouse: Path) -> dict[str, Node]:
        """The nodes as dbt would compile them for this warehouse, in the order of building."""
        return in_order(self._compiled_for(warehouse, is_test=False))

    def tests_for(self, warehouse: Path) -> dict[str, Node]:
        """The same for data tests alone, which ask nothing; models may be of other rules."""
        tests = self._compiled_for(warehouse, is_test=True)
        assert not any(node.answers for node in tests.values())
        models = {name: forms[0] for name, forms in self.forms.items() if name not in tests}
        return in_order(models | tests)

    def _compiled_for(self, warehouse: Path, *, is_test: bool) -> dict[str, Node]:
        """Tests or all else; what is missing is compiled, by this process or another."""
        fitting, missing = self._fitting(warehouse, is_test=is_test)
        if fitting and not missing:
            return fitting
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self.file}.lock"):
            self._load()
            fitting, missing = self._fitting(warehouse, is_test=is_test)
            if missing or not fitting:
                with shared_work():
                    self._add(self.compile_nodes(missing, warehouse))
        return self._fitting(warehouse, is_test=is_test)[0]

    def _fitting(self, warehouse: Path, *, is_test: bool) -> tuple[dict[str, Node], list[str]]:
        """Each node's form of these variables and of a warehouse's answers; and those without."""
        asked = {
            name: [node for node in forms if node.variables.items() <= self.variables.items()]
            for name, forms in self.forms.items()
            if (forms[0].kind == "test") is is_test
        }
        queries = {query for forms in asked.values() for node in forms for query in node.answers}
        said = answers_of(warehouse, queries) if queries else {}
        fitting = {
            node.unique_id: node
            for forms in asked.values()
            for node in forms
            if node.answers.items() <= said.items()
        }
        return fitting, sorted(asked.keys() - fitting.keys())

    def _add(self, nodes: list[Node]) -> None:
        for node in nodes:
            if node not in self.forms[node.unique_id]:
                self.forms[node.unique_id].append(node)
        content = json.dumps([asdict(node) for forms in self.forms.values() for node in forms])
        temporary = self.file.with_suffix(".new")
        temporary.write_text(content)
        temporary.replace(self.file)
        _forget_unused(self.file.parent)

    def _load(self) -> None:
        if self.file.exists():
            self.forms.clear()
            for node in json.loads(self.file.read_text()):
                self.forms[node["unique_id"]].append(
                    Node(**node | {"parents": tuple(node["parents"])})
                )


def _forget_unused(folder: Path) -> None:
    """Delete all but the newest files; another process may do so at the same time."""
    with suppress(FileNotFoundError):
        for file in sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime)[:-KEPT]:
            file.unlink()


def in_order(nodes: dict[str, Node]) -> dict[str, Node]:
    """Nodes behind those that they read."""
    order = TopologicalSorter({name: node.parents for name, node in nodes.items()})
    return {name: nodes[name] for name in order.static_order() if name in nodes}


def answers_of(warehouse: Path, queries: set[str]) -> Answers:
    """What a warehouse says to queries, as text."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute("set TimeZone = 'UTC'")
        return {query: str(con.execute(query).fetchall()) for query in queries}


@dataclass
class Compilation:
    """What dbt compiles: every node, ephemeral ones too, and what its macros ask meanwhile."""

    nodes: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    now: list[str] = field(default_factory=list)

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """For the time of one dbt command."""
        compile_code, execute = Compiler._compile_code, DuckDBAdapter.execute

        def compile_one(compiler: Compiler, node: Any, *arguments: Any, **named: Any) -> Any:
            self.now.append(node.unique_id)
            try:
                self.nodes[node.unique_id] = node
                return compile_code(compiler, node, *arguments, **named)
            finally:
                self.now.pop()

        def execute_one(adapter: DuckDBAdapter, sql: str, *arguments: Any, **named: Any) -> Any:
            # the adapter's own questions, for what there is, have no place in a first build
            if self.now and "information_schema" not in sql:
                self.asked[self.now[-1]].add(sql.strip())
            return execute(adapter, sql, *arguments, **named)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Compiler, "_compile_code", compile_one)
            patch.setattr(DuckDBAdapter, "execute", execute_one)
            yield

    def asked_for(self, name: str) -> set[str]:
        """What a node asked itself, and what was asked for the ephemeral models inside it."""
        inside = [
            parent for parent in self.nodes[name].depends_on.nodes
            if parent in self.nodes and self.nodes[parent].config.materialized == "ephemeral"
        ]  # fmt: skip
        return self.asked[name].union(*(self.asked_for(parent) for parent in inside))

    def result(
        self, warehouse: Path, read: Callable[[str], set[str]], values: dict[str, str]
    ) -> list[Node]:
        """The compiled nodes, with what this warehouse says to their questions.

        Args:
            warehouse: which they were compiled for.
            read: the variables that a node may depend on.
            values: of all variables, as JSON.
        """
        answers = answers_of(warehouse, set().union(*self.asked.values()))
        return [
            _node(
                node,
                {query: answers[query] for query in sorted(self.asked_for(name))},
                {variable: values[variable] for variable in sorted(read(name))},
            )
            for name, node in self.nodes.items()
        ]


def _node(node: Any, answers: Answers, variables: dict[str, str]) -> Node:
    """What is kept of one of dbt's nodes."""
    is_test = node.resource_type == "test"
    config = node.config
    contract = {} if is_test or not config.contract.enforced else {
        name: column.data_type for name, column in node.columns.items()
    }  # fmt: skip
    fails_if = f"{config.fail_calc} {config.error_if}" if is_test else ""
    if is_test and config.severity.lower() == "warn":
        fails_if = ""
    kind = "test" if is_test else config.materialized.replace("incremental", "table")
    parents = tuple(sorted(node.depends_on.nodes))
    return Node(node.unique_id, kind, node.schema, node.name, node.compiled_code, parents,
                contract, fails_if, answers, variables)  # fmt: skip


def selected(nodes: dict[str, Node], models: Sequence[str] | None) -> dict[str, Node]:
    """Some models, what they are made of, and the tests that look at no other model."""
    if models is None:
        return nodes
    wanted = {node.unique_id for node in nodes.values() if node.name in models}
    for name, node in reversed(nodes.items()):
        if name in wanted:
            wanted.update(node.parents)
    return {
        name: node for name, node in nodes.items()
        if (wanted.issuperset(nodes.keys() & node.parents) if node.kind == "test"
            else name in wanted)
    }  # fmt: skip


def build_relations(warehouse: Path, nodes: dict[str, Node]) -> None:
    """Make every relation anew, as its contract says."""
    with duckdb.connect(str(warehouse)) as con:
        con.execute(PROFILE)
        for schema in ("staging", "intermediate", "marts", "reports"):
            con.execute(f"create schema if not exists {schema}")
        for node in nodes.values():
            if node.kind in ("table", "view"):
                columns = ", ".join(node.contract) or "*"
                sql = f"select {columns} from (\n{node.sql}\n)" if node.contract else node.sql
                con.execute(f"create or replace {node.kind} {node.schema}.{node.name} as {sql}")
        _assert_contracts(con, nodes)


def _assert_contracts(con: duckdb.DuckDBPyConnection, nodes: dict[str, Node]) -> None:
    """No column has another type than its contract says."""
    found = con.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns()"
    ).fetchall()
    types = {(relation, column): data_type for relation, column, data_type in found}
    wrong = [
        (node.name, column, types[f"{node.schema}.{node.name}", column], stated)
        for node in nodes.values()
        for column, stated in node.contract.items()
        if types[f"{node.schema}.{node.name}", column] != _type_name(stated)
    ]
    assert not wrong, wrong


@cache
def _type_name(stated: str) -> str:
    """A type in DuckDB's own words."""
    ((name,),) = duckdb.execute(f"select typeof(null::{stated})").fetchall()
    return str(name)


def failed_tests(warehouse: Path, nodes: dict[str, Node]) -> list[str]:
    """Names of the data tests that find rows which they must not find."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        con.execute(PROFILE)
        return [
            node.name for node in nodes.values()
            if node.fails_if
            and con.execute(f"select {node.fails_if} from (\n{node.sql}\n)").fetchone() != (False,)
        ]  # fmt: skip
