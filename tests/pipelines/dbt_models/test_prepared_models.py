"""Statements that dbt prepared once: whose builds they stand for, and what each build puts in."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.dbt_models import build, prepared_models
from pipelines.dbt_models.build import build_target
from pipelines.dbt_models.dbt_command import BuildError, DbtTarget
from pipelines.dbt_models.prepared_models import (
    ModelParents,
    ancestors,
    descendants,
    with_days,
)
from tests.support.warehouse import Workspace, target_of

BILL = (
    "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName,BillingAccountId\n"
    "{cost},USD,Usage,2026-09-0{day}T00:00:00Z,AWS,1\n"
)


@pytest.fixture(scope="module")
def billed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Charges of one day and all that is made of them, built; only to be copied."""
    workspace = Workspace(
        tmp_path_factory.mktemp("billed"), models=("fct_charges_daily", "dim_models")
    )
    workspace.configure("bill", 'format = "focus"')
    workspace.drop("bill", "1.csv", BILL.format(day=1, cost=1))
    workspace.build()
    return workspace


@pytest.fixture
def own(billed: Workspace, tmp_path: Path) -> Workspace:
    """A copy of it, for a test that changes things."""
    shutil.copytree(billed.root, tmp_path / "own")
    return Workspace(tmp_path / "own", billed.settings, billed.models)


def target(workspace: Workspace, parsed: Path) -> DbtTarget:
    """Its warehouse, with a folder of its own for what is kept."""
    shared = target_of(workspace.warehouse, workspace.settings)
    shared_manifest = shared.parsed / f"{shared.key}.msgpack"
    parsed.mkdir(exist_ok=True)
    if shared_manifest.exists():
        shutil.copy2(shared_manifest, parsed)
    return DbtTarget(shared.warehouse, shared.folder, parsed, shared.variables, shared.limits)


def build_charges(target: DbtTarget, *, full_refresh: bool = False) -> None:
    build_target(
        target,
        full_refresh=full_refresh,
        select=lambda models: ancestors(models, ["fct_charges_daily"]),
    )


@pytest.mark.slow
def test_dbt_is_asked_once_and_again_when_what_is_kept_is_damaged(
    own: Workspace, asked: list[list[str]], tmp_path: Path
) -> None:
    kept = target(own, tmp_path / "kept")
    for _ in range(2):
        build_charges(kept)
    first = asked.copy()
    assert [command for command, *_ in first] == ["run"]
    (file,) = kept.parsed.glob("*.increment")
    file.write_bytes(file.read_bytes().replace(b"insert into", b"insert  into", 1))
    build_charges(kept)
    assert asked == first * 2
    build_charges(kept, full_refresh=True)
    assert [arguments[:2] for arguments in asked[2:]] == [["run", "--full-refresh"]]


@pytest.mark.slow
def test_a_new_rule_prepares_what_is_written_by_it_and_an_old_one_nothing(
    own: Workspace, asked: list[list[str]]
) -> None:
    shared = target_of(own.warehouse, own.settings)
    prepared_models.prepared_models(shared, full_refresh=False)
    asked.clear()

    def of_team(name: str) -> list[str]:
        own.rules(f"provider = aws,team = {name},,,,")
        own.register()
        models = prepared_models.prepared_models(shared, full_refresh=False)
        return [m.name for m in models if any(f"'{name}'" in s for s in m.statements)]

    assert of_team("finders") == ["fct_calls"]
    # no model but that one asks for such rules, or holds the SQL of an ephemeral model that does
    assert [arguments[-2:] for arguments in asked] == [["--select", "fct_calls"]]
    assert of_team("keepers") == ["fct_calls"]
    assert len(asked) == 2
    assert of_team("finders") == ["fct_calls"]
    assert len(asked) == 2


def test_each_build_puts_its_own_days_into_the_statements(
    own: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    execute = build.execute

    def listen(con: duckdb.DuckDBPyConnection, statement: str) -> None:
        said.append(statement)
        execute(con, statement)

    monkeypatch.setattr(build, "execute", listen)
    for day, cost in ((2, 7), (1, 5)):
        own.drop("bill", f"{day}-late.csv", BILL.format(day=day, cost=cost))
        own.build()
        deleted = [text for text in said if text.startswith("delete from")]
        assert f"utc_day in (date '2026-09-0{day}')" in deleted[0]
        assert "/*days*/" not in " ".join(said)
        said.clear()
    assert own.query("select utc_day::varchar, billed_cost from marts.fct_charges_daily"
                     " order by 1") == [("2026-09-01", 6), ("2026-09-02", 7)]  # fmt: skip


def test_a_query_of_days_is_asked_once_and_no_day_is_null() -> None:
    with duckdb.connect() as con:
        con.execute(
            "create table days as select date '2026-09-01' + i::int as d from range(3) t(i)"
        )
        two = "d in (/*days*/select d from days where day(d) < 3 order by 1/*end of days*/)"
        none = "d in (/*days*/select d from days where false/*end of days*/)"
        known: dict[str, str] = {}
        assert with_days([f"{two} or {none}", two], con, known) == [
            "d in (date '2026-09-01', date '2026-09-02') or d in (null)",
            "d in (date '2026-09-01', date '2026-09-02')",
        ]
        con.execute("drop table days")
        assert with_days([two], con, known) == ["d in (date '2026-09-01', date '2026-09-02')"]


def test_a_table_that_is_gone_is_named_with_the_cure(own: Workspace) -> None:
    with duckdb.connect(str(own.warehouse)) as con:
        con.execute("drop table marts.fct_charges")
    own.drop("bill", "2.csv", BILL.format(day=2, cost=7))
    own.land()
    own.register()
    with pytest.raises(BuildError, match=r"lacks the table marts\.fct_charges: `outlay run --full"):
        build_charges(target_of(own.warehouse, own.settings))


def test_a_model_that_fails_is_named_and_those_before_it_stay(own: Workspace) -> None:
    own.drop("bill", "2.csv", BILL.format(day=2, cost=7))
    own.land()
    own.register()
    with duckdb.connect(str(own.warehouse)) as con:
        con.execute("alter table marts.fct_charges_daily drop column billed_cost")
    with pytest.raises(BuildError, match=r"fct_charges_daily failed: .*billed_cost is DECIMAL"):
        build_charges(target_of(own.warehouse, own.settings))
    assert own.query("select max(utc_day)::varchar from marts.fct_charges") == [("2026-09-02",)]
    assert own.query("select max(utc_day)::varchar from marts.fct_charges_daily") == [
        ("2026-09-01",)
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("cast(null as decimal(12,6))", "cast(null as date)", "_mtok is DECIMAL.*contract DATE"),
        (" from (\n", ", 1 as surplus from (\n", "surplus is INTEGER, in the contract missing"),
        ("as model_tier) as wanted", "as tier) as wanted", "tier is missing, in the contract VAR"),
    ],
)
def test_a_table_that_is_not_as_its_contract_says_is_refused(
    own: Workspace, right: str, wrong: str, message: str
) -> None:
    target = target_of(own.warehouse, own.settings)
    models = prepared_models.prepared_models(target, full_refresh=True)
    model = next(model for model in models if model.name == "dim_models")
    (statement,) = model.statements
    assert right in statement
    before = own.query("from marts.dim_models order by all")
    with (
        duckdb.connect(str(own.warehouse)) as con,
        pytest.raises(BuildError, match=f"(?s)dim_models failed: .*{message}"),
    ):
        build._make(con, model, [statement.replace(right, wrong, 1)])
    assert own.query("from marts.dim_models order by all") == before


def test_statements_are_those_of_the_tables_that_are_there(
    own: Workspace, asked: list[list[str]], tmp_path: Path
) -> None:
    """`int_tasks_to_rebuild` looks at tasks of before only where there are any."""
    kept = target(own, tmp_path / "kept")

    def prepared() -> str:
        (model,) = prepared_models.prepared_models(
            kept, full_refresh=False, select=lambda _: {"int_tasks_to_rebuild"}
        )
        return model.statements[-1]

    first = prepared()
    with duckdb.connect(str(own.warehouse)) as con:
        con.execute("create table marts.fct_tasks as select 't1' as task_id")
    later = prepared()
    assert first != later
    with duckdb.connect(str(own.warehouse)) as con:
        con.execute("drop table marts.fct_tasks")
    assert prepared() == first
    assert [arguments[-2:] for arguments in asked] == [["--select", "int_tasks_to_rebuild"]] * 2


def test_a_model_that_is_not_there_is_named(own: Workspace) -> None:
    with pytest.raises(BuildError, match="there is no model fct_charged"):
        build_target(
            target_of(own.warehouse, own.settings),
            full_refresh=False,
            select=lambda models: ancestors(models, ["fct_charged"]),
        )


def test_what_a_model_is_made_of_and_what_is_made_of_it() -> None:
    models = [
        ModelParents("a", "table", ()), ModelParents("b", "view", ()),
        ModelParents("c", "table", ("a",)), ModelParents("d", "view", ("b", "c")),
        ModelParents("e", "table", ("a",)),
    ]  # fmt: skip
    assert ancestors(models, ["d"]) == {"a", "b", "c", "d"}
    assert descendants(models, ["c"]) == {"c", "d"}
