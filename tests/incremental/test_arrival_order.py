"""However data arrives, the marts are those of one build from scratch, value by value."""

from __future__ import annotations

from typing import Any

import pytest

from tests.incremental import arrivals
from tests.support.warehouse import COMPARED, Workspace

pytestmark = pytest.mark.slow

Contents = dict[str, list[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """History in three builds, the last of them full of surprises."""
    workspace = Workspace(
        tmp_path_factory.mktemp("grown"), {"reporting_timezone": "America/New_York"}
    )
    arrivals.configure(workspace)
    arrivals.deliver_bills(workspace)
    arrivals.deliver_history(workspace, range(arrivals.DAYS - 2))
    workspace.build()
    arrivals.deliver_history(workspace, range(arrivals.DAYS - 2, arrivals.DAYS))
    daily = workspace.build()
    assert len(daily.days) <= 4
    arrivals.deliver_surprises(workspace)
    surprised = workspace.build()
    assert not surprised.full_refresh
    return workspace


@pytest.fixture(scope="module")
def fresh(grown: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """The same final inbox, built once."""
    workspace = Workspace(tmp_path_factory.mktemp("fresh"), grown.settings)
    arrivals.configure(workspace)
    arrivals.deliver_bills(workspace)
    arrivals.deliver_history(workspace, range(arrivals.DAYS))
    arrivals.deliver_surprises(workspace)
    workspace.build()
    return workspace.contents()


@pytest.fixture(scope="module")
def found(grown: Workspace) -> Contents:
    return grown.contents()


@pytest.mark.parametrize("relation", [name for names in COMPARED.values() for name in names])
def test_late_corrected_split_and_repeated_files_give_the_marts_of_a_fresh_build(
    found: Contents, fresh: Contents, relation: str
) -> None:
    assert fresh[relation], f"{relation} is empty: the test would prove nothing"
    assert found[relation] == fresh[relation]


def test_a_day_of_usage_is_stated_once_whatever_says_it(grown: Workspace) -> None:
    days = grown.query(
        "select utc_day::varchar, sum(input_uncached_tokens), count(*)"
        " from marts.fct_provider_usage"
        " where utc_day in ('2026-06-28', '2026-07-20', '2026-07-26') group by all order by all"
    )
    assert days == [
        ("2026-06-28", 21, 3),  # three minutes of an export, and no answer
        ("2026-07-20", 2 * (900 + 19), 2),  # fetched once
        ("2026-07-26", 2 * (900 + 25 + 5), 2),  # fetched anew, and exported
    ]


def test_a_second_run_has_nothing_to_do(grown: Workspace) -> None:
    assert grown.build().nothing_new


def test_a_build_that_was_killed_is_computed_anew(grown: Workspace, found: Contents) -> None:
    grown.register([arrivals.FIRST_DAY])  # and never finished
    assert grown.build(engine="prepared").reason == "the last build did not finish"
    assert grown.contents() == found


def test_the_warehouse_can_be_deleted_and_comes_back_the_same(
    grown: Workspace, found: Contents
) -> None:
    grown.warehouse.unlink()
    assert grown.build(engine="dbt").reason == "first build of this warehouse"
    assert grown.contents() == found
