"""A scratch workspace for tests of the models: drop files in, land, build, query.

It takes the same steps as a run, without pages, checks and Dagster.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import duckdb

from ingest.lake.catalog import LakePaths, open_catalog
from ingest.lake.file_entries import SourceReport
from ingest.lake.landing import land_source
from ingest.records.format import SourceConfig
from ingest.reference.guardrails.experiments import EXPERIMENTS
from ingest.reference.task_types import TASK_TYPES
from ingest.sources import FORMATS, load_sources
from ingest.warehouse.register import Changes, mark_built, register_lake
from ingest.warehouse.source_precedence import call_sources
from pipelines.closed_months.store import book_adjustments
from pipelines.dbt_models.build import build_target
from pipelines.dbt_models.dbt_command import DbtTarget, parse_project, run_dbt
from pipelines.dbt_models.manifest import manifest_key
from pipelines.dbt_models.prepared_models import ancestors
from pipelines.dbt_models.variables import values_of, variables_read
from pipelines.workspace.paths import Workspace as Books
from tests.conftest import PARSED, REPOSITORY
from tests.support.plain_sql import (
    Compilation,
    CompiledProject,
    Node,
    build_relations,
    failed_tests,
    selected,
)

SALT = "salt"
"""Of which its pseudonyms are made."""

LANDED_AT = datetime(2026, 11, 1, 3, 0)

PROJECT = REPOSITORY / "dbt_project"

COMPARED = {
    "marts": (
        "fct_calls", "fct_duplicate_calls", "fct_left_out_daily", "fct_tasks", "fct_charges",
        "fct_charges_daily",
        "fct_usage_daily", "fct_usage_hourly", "fct_key_usage_daily", "fct_reported_cost_daily",
        "fct_provider_usage", "fct_allocations",
        "fct_showback", "fct_cross_subsidy", "fct_tool_usage_daily", "fct_prefix_cache_daily",
        "fct_untagged_monthly", "fct_tenant_revenue", "dim_org", "fct_tie_out",
        "fct_tie_out_cells", "fct_unit_cost_periods", "dim_periods", "fct_chargeback",
        "fct_statement_lines", "fct_statements", "fct_member_monthly",
        "fct_task_costs_daily", "fct_cost_bridge", "fct_task_steps_daily",
        "fct_task_strategies_daily",
        "fct_clearing_lines", "fct_driver_shifts", "fct_task_charges", "fct_offload_daily",
        "fct_routing_daily", "fct_fallbacks_daily",
        "fct_repeated_prompts_daily", "fct_cache_audit_daily", "fct_semantic_hits_daily",
        "fct_operations_hourly",
        "fct_cached_answers_daily", "fct_prompt_prefixes_daily",
    ),
    "reports": (
        "rpt_overview", "rpt_unit_cost", "rpt_unit_cost_summary", "rpt_loop_depth",
        "rpt_spend_daily", "rpt_cache_daily", "rpt_tie_out", "rpt_tie_out_summary",
        "rpt_reconciliation", "rpt_price_drift", "rpt_reported_cost",
        "rpt_showback", "rpt_showback_summary", "rpt_unmapped_models",
        "rpt_unattributed", "rpt_untagged_trend", "rpt_cross_subsidy", "rpt_tenant_margin",
        "rpt_cap_curve", "rpt_strategies", "rpt_waste", "rpt_billed_unit_cost", "rpt_operations",
    ),
}  # fmt: skip
"""Relations that must not depend on how the data came."""

COMPILED = REPOSITORY / ".pytest_cache" / "compiled"
"""The project's SQL, kept between sessions under a name of everything that it is made of."""

Engine = Literal["dbt", "prepared", "sql"]
"""dbt itself; its statements as a run executes them; or the models' SELECTs as one whole build."""


def invoke(arguments: list[str], warehouse: Path, settings: dict[str, Any]) -> Any:
    """Run a dbt command against one warehouse and return dbt's result."""
    return run_dbt(arguments, target_of(warehouse, settings))


def target_of(warehouse: Path, settings: dict[str, Any]) -> DbtTarget:
    """A warehouse under variables of the project."""
    return DbtTarget(warehouse, _scratch(), PARSED, settings, {})


@cache
def _scratch() -> Path:
    """A folder for what dbt writes; it goes with the process."""
    folder = tempfile.mkdtemp(prefix="outlay-dbt-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@cache
def compiled_project(settings: str) -> CompiledProject:
    """The project's SQL under some settings; its file is shared by all settings and processes."""
    variables = json.loads(settings)

    def compile_nodes(names: Sequence[str], warehouse: Path) -> list[Node]:
        return compiled_nodes(names, warehouse, variables)

    file = COMPILED / f"{manifest_key(PROJECT, 'warehouse')}.json"
    return CompiledProject(file, values_of(variables), compile_nodes)


def compiled_nodes(
    unique_ids: Sequence[str], warehouse: Path, settings: dict[str, Any]
) -> list[Node]:
    """Nodes (none named: all) as dbt compiles them for the first build of a warehouse."""
    arguments = ["compile", "--full-refresh", "--exclude", "resource_type:unit_test"]
    if unique_ids:
        arguments += ["--select", *(name.split(".")[2] for name in unique_ids)]
    compilation = Compilation()
    with compilation.recorded():
        run = invoke(arguments, warehouse, settings)
    assert run.success, run.exception
    read = variables_read(parse_project(target_of(warehouse, settings)))
    return compilation.result(warehouse, read, values_of(settings))


@dataclass
class Workspace:
    """A workspace below a temporary folder.

    Attributes:
        root: the folder.
        settings: variables of the dbt project.
        models: what it is about: every build makes these and what they are made of, with their
            data tests. None: all there is, closed months and their adjustments included.
    """

    root: Path
    settings: dict[str, Any] = field(default_factory=lambda: {"reporting_timezone": "UTC"})
    models: Sequence[str] | None = None

    @property
    def paths(self) -> LakePaths:
        return LakePaths(self.root / "inbox", self.root / "lake")

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    @property
    def settings_hash(self) -> str:
        return json.dumps(self.settings, sort_keys=True)

    def configure(self, source: str, toml: str) -> None:
        folder = self.root / "config" / "sources"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{source}.toml").write_text(toml)

    def prices(self, *rows: str) -> None:
        header = (
            "provider,model,service_tier,token_class,usd_per_mtok,valid_from,valid_to,"
            "min_input_tokens,note"
        )
        self._facts("prices.csv", header, rows)

    def names(self, *rows: str) -> None:
        self._facts("models.csv", "provider,model,model_id,valid_from,valid_to,note", rows)

    def org(self, *rows: str) -> None:
        self._facts("org.csv", "kind,name,parent,owner,valid_from,valid_to,note", rows)

    def allocation(self, *rows: str) -> None:
        self._facts("allocation.csv", "pool,when,method,by,shares,valid_from,valid_to,note", rows)

    def revenue(self, *rows: str) -> None:
        self._facts("revenue.csv", "tenant,usd_per_month,valid_from,valid_to,note", rows)

    def rules(self, *rows: str) -> None:
        self._facts("attribution.csv", "when,set,mode,valid_from,valid_to,note", rows)

    def fx_rates(self, *rows: str) -> None:
        self._facts("fx_rates.csv", "currency,day,usd,source", rows)

    def task_types(self, *rows: str) -> None:
        self._facts("task_types.csv", ",".join(TASK_TYPES.header), rows)

    def experiments(self, *rows: str) -> None:
        self._facts("experiments.csv", ",".join(EXPERIMENTS.header), rows)

    def commitments(self, *rows: str) -> None:
        header = "commitment,kind,provider,match,usd,usd_per,capacity,unit,valid_from,valid_to,note"
        self._facts("commitments.csv", header, rows)

    def _facts(self, name: str, header: str, rows: Sequence[str]) -> None:
        path = self.root / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([header, *rows]) + "\n")

    def drop(self, source: str, name: str, content: bytes | str) -> Path:
        path = self.paths.inbox / source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    @property
    def sources(self) -> list[SourceConfig]:
        return load_sources(self.root / "config" / "sources", self.paths.inbox, SALT)

    def register(self, forced_days: Sequence[date] = ()) -> Changes:
        return register_lake(
            self.warehouse, self.paths, self.root / "config",
            call_sources(self.sources, FORMATS), SALT, self.settings_hash, forced_days,
            closes=self.root / ".outlay" / "closes",
        )  # fmt: skip

    def land(self) -> list[SourceReport]:
        self.paths.inbox.mkdir(parents=True, exist_ok=True)
        with open_catalog(self.paths) as con:
            return [
                land_source(con, self.paths, config, FORMATS[config.format], LANDED_AT)
                for config in self.sources
            ]

    def build(self, *, tests: bool = True, engine: Engine | None = None) -> Changes:
        """Land what is new and bring the models up to date; every data test must pass.

        What is built as a whole is plain SQL, and days that changed are built as a run does it,
        unless `engine` says otherwise. Data tests are plain SQL, of all days.
        """
        self.land()
        changes = self.register()
        if changes.nothing_new:
            return changes
        engine = engine or ("sql" if changes.full_refresh else "prepared")
        if engine == "sql":
            build_relations(self.warehouse, self.nodes())
        elif engine == "prepared":
            self._build_prepared(changes.full_refresh)
        else:
            self._build_with_dbt(changes.full_refresh)
        if tests:
            failed = failed_tests(self.warehouse, self.data_tests())
            assert not failed, failed
        if self.models is None:
            book_adjustments(Books(self.root))
        mark_built(self.warehouse, changes, self.settings_hash)
        return changes

    def nodes(self) -> dict[str, Node]:
        """The SQL of its models, as of a first build."""
        project = compiled_project(self.settings_hash)
        return selected(project.nodes_for(self.warehouse), self.models)

    def data_tests(self) -> dict[str, Node]:
        """The data tests of its models, and nothing else."""
        project = compiled_project(self.settings_hash)
        found = selected(project.tests_for(self.warehouse), self.models)
        return {name: node for name, node in found.items() if node.kind == "test"}

    def _build_prepared(self, full_refresh: bool) -> None:
        names = self.models
        build_target(
            target_of(self.warehouse, self.settings),
            full_refresh=full_refresh,
            select=None if names is None else lambda models: ancestors(models, names),
        )

    def _build_with_dbt(self, full_refresh: bool) -> None:
        """The models alone: their data tests cost dbt three seconds more, and DuckDB a fifth."""
        arguments = ["build", "--exclude-resource-type", "unit_test"]
        arguments += ["--exclude-resource-type", "test"]
        arguments += ["--full-refresh"] if full_refresh else []
        if self.models is not None:
            arguments += ["--select", *(f"+{name}" for name in self.models)]
        result = invoke(arguments, self.warehouse, self.settings)
        wrong = [
            f"{node.node.name}: {node.message}"
            for node in getattr(result.result, "results", None) or []
            if node.status != "success"
        ]
        assert result.success, wrong or result.exception

    def fresh(self, root: Path) -> Workspace:
        """What one build of the same inputs gives, in another folder."""
        fresh = Workspace(root, self.settings, self.models)
        for folder in ("inbox", "config"):
            (root / folder).symlink_to(self.root / folder)
        fresh.build()
        return fresh

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as con:
            con.execute("set TimeZone = 'UTC'")
            return con.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        ((value,),) = self.query(sql)
        return value

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every compared relation by value; where a row came from is left out."""
        provenance = {"source_file", "source_line", "record_number"}
        found = {}
        there = {row[0] for row in self.query("select table_name from information_schema.tables")}
        for schema, names in COMPARED.items():
            assert self.models is not None or there.issuperset(names)
            for name in there.intersection(names):
                columns = [
                    row[0]
                    for row in self.query(f"describe {schema}.{name}")
                    if row[0] not in provenance
                ]
                found[name] = self.query(
                    f"select {', '.join(columns)} from {schema}.{name} order by all"
                )
        return found
