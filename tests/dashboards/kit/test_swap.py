from __future__ import annotations

from pathlib import Path

import pytest

from dashboards.kit import swap
from dashboards.kit.swap import NotASiteError, replacing


def write(folder: Path, content: str) -> None:
    with replacing(folder) as new:
        (new / "page.html").write_text(content)


@pytest.fixture(params=["exchange", "two renames"])
def _each_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "two renames":
        monkeypatch.setattr(swap, "_exchange", lambda _one, _other: False)


@pytest.mark.usefixtures("_each_way")
def test_the_new_folder_replaces_the_old_one_as_a_whole(tmp_path: Path) -> None:
    write(tmp_path / "site", "old")
    (tmp_path / "site" / "page-of-the-old-version.html").write_text("gone")
    write(tmp_path / "site", "new")
    assert (tmp_path / "site" / "page.html").read_text() == "new"
    assert not (tmp_path / "site" / "page-of-the-old-version.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_until_the_end_a_reader_sees_the_old_site_complete(tmp_path: Path) -> None:
    write(tmp_path / "site", "old")
    with replacing(tmp_path / "site") as new:
        (new / "page.html").write_text("half")
        assert (tmp_path / "site" / "page.html").read_text() == "old"


def test_an_error_while_writing_leaves_the_old_site_and_no_rubbish(tmp_path: Path) -> None:
    write(tmp_path / "site", "old")

    def fail() -> None:
        with replacing(tmp_path / "site") as new:
            (new / "page.html").write_text("half")
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        fail()
    assert (tmp_path / "site" / "page.html").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_what_a_killed_run_left_behind_is_not_mixed_in(tmp_path: Path) -> None:
    (tmp_path / ".site.building").mkdir()
    (tmp_path / ".site.building" / "half.html").write_text("half")
    write(tmp_path / "site", "new")
    assert not (tmp_path / "site" / "half.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_folder_with_someone_elses_files_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "thesis.txt").write_text("years of work")
    with pytest.raises(NotASiteError, match=r"documents: not empty and not written by Outlay"):
        write(tmp_path / "documents", "new")
    assert (tmp_path / "documents" / "thesis.txt").read_text() == "years of work"


def test_an_empty_folder_and_a_missing_parent_are_fine(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty", "new")
    write(tmp_path / "a" / "b" / "site", "new")
    assert (tmp_path / "empty" / "page.html").read_text() == "new"
    assert (tmp_path / "a" / "b" / "site" / "page.html").read_text() == "new"


def test_a_link_to_the_site_keeps_pointing_at_it(tmp_path: Path) -> None:
    write(tmp_path / "real", "old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "page.html").read_text() == "new"


def test_this_system_exchanges_folders_in_one_step_or_says_that_it_cannot(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "who").write_text(name)
    exchanged = swap._exchange(tmp_path / "one", tmp_path / "other")
    assert (tmp_path / "one" / "who").read_text() == ("other" if exchanged else "one")
