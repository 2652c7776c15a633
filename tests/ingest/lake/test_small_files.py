"""Ten thousand small files land in seconds: one object a call is what some gateways write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ingest.lake.catalog import open_catalog, reading_database
from ingest.lake.landing import land_source
from ingest.records.format import SourceConfig
from ingest.records.limits import BATCH_FILES
from ingest.sources import FORMATS
from tests.ingest.lake.test_landing import MAPPING, call
from tests.support.lake import Lake


class Counting:
    """A catalog that counts its statements."""

    def __init__(self, con: Any) -> None:
        self._con = con
        self.statements = 0

    def execute(self, *arguments: Any) -> Any:
        self.statements += 1
        return self._con.execute(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)


def test_no_file_costs_the_catalog_a_statement_of_its_own(tmp_path: Path) -> None:
    asked = []
    for number in (20, BATCH_FILES // 2):
        lake = Lake(tmp_path / str(number), "bot", "mapped", MAPPING)
        for n in range(number):
            lake.drop(f"{n}.jsonl", json.dumps(call(n)))
            lake.drop(f"twice{n}.jsonl", json.dumps(call(n)))
            lake.drop(f"{n}.wrong", str(n))
        config = SourceConfig("bot", "mapped", Path("test.toml"), MAPPING)
        with open_catalog(lake.paths, threads=1) as con:
            counting: Any = Counting(con)
            report = land_source(counting, lake.paths, config, FORMATS["mapped"])
        assert (report.files_new, report.files_duplicate, len(report.failed)) == (number,) * 3
        asked.append(counting.statements)
    assert asked[0] == asked[1]


def test_a_reading_database_has_room_to_spill(tmp_path: Path) -> None:
    con = reading_database(tmp_path / "lake" / ".scratch" / "reading", 1)
    con.execute("set memory_limit = '30MB'")
    with con:
        con.execute("create temp table spilt as select range as n, hash(range) as h, "
                    "repeat('x', 50) || range as text from range(1_000_000)")  # fmt: skip
        assert con.execute("select count(distinct n) from spilt").fetchall() == [(1_000_000,)]
