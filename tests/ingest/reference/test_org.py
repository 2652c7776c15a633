"""The org tree, as a workspace writes it: what a reorganisation must not leave open."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ConfigError
from ingest.reference.charging.org import ORG_UNITS, Unit
from ingest.reference.columns import ALWAYS, OPEN


def written(tmp_path: Path, *rows: str) -> tuple[Unit, ...]:
    path = tmp_path / "org.csv"
    path.write_text("\n".join([",".join(ORG_UNITS.header), *rows]) + "\n", encoding="utf-8")
    return ORG_UNITS.read(path)


REORGANISED = (
    "feature,chat,support,,,2026-10-16,",
    "feature,chat,platform,bo@x.example,2026-10-16,,moved with the reorganisation",
    "team,support,service,,,,",
    "team,platform,tech,,2026-10-01,,",
    "cost_centre,service,,cfo@x.example,,,",
    "cost_centre,tech,service,,2026-01-01,,",
)


def test_a_feature_changes_its_team_from_one_day_to_the_next(tmp_path: Path) -> None:
    table = ORG_UNITS.to_arrow(written(tmp_path, *REORGANISED)).to_pylist()
    assert table[0] == {
        "kind": "feature", "name": "chat", "parent": "support", "owner": None,
        "valid_from": ALWAYS, "valid_to": datetime(2026, 10, 16),
    }  # fmt: skip
    assert table[1]["owner"] == "bo@x.example"
    assert (table[1]["valid_from"], table[1]["valid_to"]) == (datetime(2026, 10, 16), OPEN)
    assert table[4]["parent"] is None


def test_a_workspace_without_the_file_has_no_tree(tmp_path: Path) -> None:
    assert ORG_UNITS.read(tmp_path / "org.csv") == ()


def test_a_parent_may_be_listed_in_stretches_that_leave_no_day_out(tmp_path: Path) -> None:
    rows = ("team,t,a,,2026-01-01,2026-12-01,", "cost_centre,a,,,2026-05-01,,",
            "cost_centre,a,,x,2025-01-01,2026-05-01,")  # fmt: skip
    assert len(written(tmp_path, *rows)) == 3


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["squad,a,b,,,,"], "row 2, column kind: 'squad' is not one of feature, team, cost_centre"),
        (["team,,b,,,,"], "row 2, column name: name the team"),
        (["feature,a,,,,,"], "row 2, column parent: name the team that the feature belongs to"),
        (["cost_centre,a,,,2026-01-01T08:00:00Z,,"], "row 2, column valid_from: a charge belongs"),
        (["cost_centre,a,,,,2026-01-01T08:00:00Z,"], "row 2, column valid_to: a charge belongs"),
        (["cost_centre,a,,,,2026-06-01,", "cost_centre,a,,,2026-05-01,,"],
         "row 3, column valid_from: overlaps line 2, which places the same cell"),
        # missing at all; before, after and amid the time of the row
        (["team,t,a,,,,"], "row 2, column parent: no row of kind cost_centre lists 'a' at any"),
        (["cost_centre,a,,,2026-02-01,,", "team,t,a,,,,"],
         "row 3, column parent: no row of kind cost_centre lists 'a' to 2026-02-01"),
        (["cost_centre,a,,,,2026-02-01,", "team,t,a,,,,"],
         "row 3, column parent: no row of kind cost_centre lists 'a' from 2026-02-01: add"),
        (["cost_centre,a,,,,2026-02-01,", "cost_centre,a,,,2026-02-02,,", "team,t,a,,,,"],
         "row 4, column parent: no row .* lists 'a' from 2026-02-01 to 2026-02-02: add one"),
        # a feature's parent is a team, even where a cost centre has the name
        (["cost_centre,a,,,,,", "feature,f,a,,,,"], "row 3, column parent: no row of kind team"),
        (["cost_centre,a,a,,,,"], "row 2, column parent: a cost centre stands above itself: "
         "'a' -> 'a'"),
        (["cost_centre,a,b,,,,", "cost_centre,b,c,,,,", "cost_centre,c,a,,,,"],
         "row 2, column parent: .*: 'a' -> 'b' -> 'c' -> 'a'"),
    ],
)  # fmt: skip
def test_a_wrong_tree_is_refused_with_row_and_column(
    tmp_path: Path, rows: list[str], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        written(tmp_path, *rows)


def test_cost_centres_that_swap_places_on_one_day_are_no_loop(tmp_path: Path) -> None:
    rows = (
        "cost_centre,a,b,,,2026-07-01,", "cost_centre,b,,,,2026-07-01,",
        "cost_centre,b,a,,2026-07-01,,", "cost_centre,a,,,2026-07-01,,",
    )  # fmt: skip
    assert len(written(tmp_path, *rows)) == 4


@given(st.lists(st.integers(0, 5), min_size=1, max_size=6))
def test_a_tree_of_cost_centres_is_refused_when_and_only_when_it_loops(
    tmp_path_factory: pytest.TempPathFactory, parents: list[int]
) -> None:
    """`parents[n]` stands above `n`; numbers beyond the list are roots."""
    named = {n: parent for n, parent in enumerate(parents) if parent < len(parents)}
    rows = [
        f"cost_centre,c{n},{f'c{named[n]}' if n in named else ''},,,," for n in range(len(parents))
    ]

    def comes_back(n: int) -> bool:
        at: int | None = n
        for _ in parents:
            at = None if at is None else named.get(at)
        return at is not None

    loops = any(comes_back(n) for n in range(len(parents)))
    folder = tmp_path_factory.mktemp("tree")
    if loops:
        with pytest.raises(ConfigError, match="stands above itself"):
            written(folder, *rows)
    else:
        assert len(written(folder, *rows)) == len(parents)
