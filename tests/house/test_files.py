"""Rules about files: sizes, names, and words that do not belong."""

from __future__ import annotations

import re
from collections import Counter

from tests.conftest import REPOSITORY
from tests.house.project import ROOMS, own_files

LONGEST_MODEL = 120
LONGEST_PYTHON_FILE = 350
LONGEST_README = 200

NAMES_THAT_NAME_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base"}

UNFINISHED = re.compile(rf"\b({'|'.join(('TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'))})\b")

DOUBLES_ALLOWED = re.compile(r"cast\((avg|p95)_loop_depth as double\)")
"""Depths are not money; ratios and rates are made in `measures.sql` only."""


def line_counts(*suffixes: str) -> Counter[str]:
    return Counter({
        path.as_posix(): len((REPOSITORY / path).read_text().splitlines())
        for path in own_files(*suffixes)
    })  # fmt: skip


def test_no_model_is_too_long_to_read_at_once() -> None:
    assert {p: n for p, n in line_counts(".sql").items() if n > LONGEST_MODEL} == {}


def test_no_python_file_is_too_long_to_read_at_once() -> None:
    assert {p: n for p, n in line_counts(".py").items() if n > LONGEST_PYTHON_FILE} == {}


def test_no_rooms_readme_is_too_long_to_be_read() -> None:
    lengths = line_counts(".md")
    readmes = {room: lengths[f"{room}/README.md"] for room in ROOMS}
    assert {room: n for room, n in readmes.items() if n > LONGEST_README} == {}


def test_every_file_is_named_after_what_it_holds() -> None:
    assert [p for p in own_files(".py", ".sql", ".js") if p.stem in NAMES_THAT_NAME_NOTHING] == []


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{path}:{number}"
        for path in own_files(".py", ".sql", ".yml", ".md", ".toml", ".j2", ".js", ".css")
        for number, line in enumerate((REPOSITORY / path).read_text().splitlines(), start=1)
        if UNFINISHED.search(line)
    ]
    assert found == []


def test_sql_makes_floating_point_numbers_only_where_ratios_and_logarithms_are_made() -> None:
    """DuckDB's `/` and `avg` of decimals are doubles too."""
    for path in own_files(".sql"):
        if path.name in {"measures.sql", "logarithms.sql"} or "tests" in path.parts:
            continue
        for number, line in enumerate((REPOSITORY / path).read_text().splitlines(), start=1):
            code = re.sub(r"--.*|\{#-?.*", "", line)
            where = f"{path}:{number}: {line.strip()}"
            if re.search(r"\b(double|float|real)\b", code):
                assert DOUBLES_ALLOWED.search(code), where
            assert not re.search(r"[\w)] / [\w(]", code), where
            assert not re.search(r"\bavg\((?!loop_depth\))", code), where


def test_sql_lines_fit_beside_each_other() -> None:
    """The SQL linter measures lines after templating, so the files are measured here."""
    found = [
        f"{path}:{number}"
        for path in own_files(".sql")
        for number, line in enumerate((REPOSITORY / path).read_text().splitlines(), start=1)
        if len(line) > 100
    ]
    assert found == []
