"""Commentary of months is read from the workspace: by the name of its month, and no other."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pipelines.run.commentary import MOST_CHARACTERS, read_commentary


def test_a_file_is_of_the_month_that_it_is_named_after(tmp_path: Path) -> None:
    (tmp_path / "2026-09.md").write_text("\ufeffIt rose.\n", encoding="utf-8")
    (tmp_path / "2026-10.md").write_text(" \n")
    for name in ("README.md", "2026-13.md", "2026-9.md", "2026-09.txt"):
        (tmp_path / name).write_text("not shown")
    assert read_commentary(tmp_path) == {date(2026, 9, 1): "It rose."}


def test_what_is_no_utf8_is_shown_as_far_as_it_goes_and_a_long_text_is_cut(tmp_path: Path) -> None:
    (tmp_path / "2026-08.md").write_bytes(b"caf\xe9")
    (tmp_path / "2026-09.md").write_text("x" * (MOST_CHARACTERS + 1))
    found = read_commentary(tmp_path)
    assert found[date(2026, 8, 1)] == "caf\ufffd"
    assert len(found[date(2026, 9, 1)]) == MOST_CHARACTERS


def test_a_workspace_without_the_folder_has_none(tmp_path: Path) -> None:
    assert read_commentary(tmp_path / "commentary") == {}
