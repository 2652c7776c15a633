"""One file never stops the others: whatever goes wrong with it is told, and the rest loads."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.errors import OutlayError
from ingest.lake import reading
from tests.ingest.lake import failing_readers
from tests.ingest.lake.failing_readers import LARGE_BYTES, SECRET
from tests.ingest.lake.test_landing import MAPPING, call, lines
from tests.support import lake as scratch
from tests.support.texts import files_holding

GOOD = 6


LARGE = lines(call(100, prompt="y" * LARGE_BYTES))


def hurried(seconds: float) -> Callable[[int], float]:
    """Little time for what holds the large file; all of it for the others, on any machine."""
    return lambda size: seconds if size > LARGE_BYTES else 120.0


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> scratch.Lake:
    """An inbox with good files around whatever a test adds."""
    failing = replace(scratch.FORMATS["mapped"], read=failing_readers.read)
    monkeypatch.setitem(scratch.FORMATS, "mapped", failing)
    made = scratch.Lake(tmp_path, "bot", "mapped", MAPPING)
    for number in range(GOOD):
        made.drop(f"{'a' if number % 2 else 'z'}{number}.jsonl", lines(call(number)))
    return made


def all_good_loaded(lake: scratch.Lake) -> bool:
    wanted = ", ".join(f"'c{number}'" for number in range(GOOD))
    return lake.rows(f"select count(*) from rows where call_id in ({wanted})") == [(GOOD,)]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("refused", "line 7: is refused"),
        ("unforeseen", "it cannot be read (KeyError): it may be damaged; export it again"),
        ("memory", "reading it took more memory than a run has; deliver it in smaller files"),
        ("fatal", "it cannot be read (FatalException): it may be damaged; export it again"),
        (
            "invalid",
            "it cannot be read (InvalidInputException): it may be damaged; export it again",
        ),
    ],
)
def test_a_file_that_fails_is_set_aside_with_its_reason_and_the_others_load(
    lake: scratch.Lake, fault: str, reason: str
) -> None:
    for number in (1, 2):
        lake.drop(f"{fault}-{number}.jsonl", lines(call(100 + number)))
    report = lake.land()
    assert sorted(report.failed) == [(f"{fault}-{n}.jsonl", reason) for n in (1, 2)]
    assert (report.files_new, report.rows_loaded) == (GOOD, GOOD)
    assert all_good_loaded(lake)
    assert lake.rows("select count(*) from rows") == [(GOOD,)]
    again = lake.land()
    assert (sorted(again.failed), again.files_new) == (sorted(report.failed), 0)
    assert files_holding(lake.paths.lake, SECRET) == set()


def test_a_file_that_takes_too_long_is_given_up_and_the_others_load(
    lake: scratch.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "reading_seconds", hurried(0.4))
    lake.drop("endless.jsonl", LARGE)
    report = lake.land()
    assert report.failed == [
        ("endless.jsonl", "reading it took too long; deliver it in smaller files")
    ]
    assert all_good_loaded(lake)


@pytest.mark.parametrize(
    ("fault", "reason"), [("memory", reading.OUT_OF_MEMORY), ("endless", reading.OUT_OF_TIME)]
)
def test_what_asks_for_too_much_loads_in_smaller_files(
    lake: scratch.Lake, monkeypatch: pytest.MonkeyPatch, fault: str, reason: str
) -> None:
    """What both messages say is done."""
    if fault == "endless":
        monkeypatch.setattr(reading, "reading_seconds", hurried(0.4))
    halves = [lines(call(number, prompt="y" * (LARGE_BYTES // 2))) for number in (100, 101)]
    whole = lake.drop(f"large_{fault}.jsonl", "".join(halves))
    assert lake.land().failed == [(whole.name, reason)]
    whole.unlink()
    for number, half in enumerate(halves):
        lake.drop(f"large_{fault}-{number}.jsonl", half)
    report = lake.land()
    assert (report.failed, report.rows_loaded) == ([], 2)


def test_what_ended_a_whole_run_is_read_apart_by_the_next_one(lake: scratch.Lake) -> None:
    lake.drop("deadly.jsonl", lines(call(100)))
    # what a run leaves behind whose process the kernel killed
    names = ["deadly.jsonl", *(f"{'a' if n % 2 else 'z'}{n}.jsonl" for n in range(GOOD))]
    lake.paths.lake.mkdir(parents=True)
    lake.paths.reading("bot").write_text(json.dumps(names))
    report = lake.land()
    assert report.failed == [
        (
            "deadly.jsonl",
            "it ended the process that read it; export it again, or deliver it in smaller files",
        )
    ]
    assert all_good_loaded(lake)
    assert not lake.paths.reading("bot").exists()


def test_a_file_that_holds_up_a_run_until_it_is_interrupted_does_so_once(
    lake: scratch.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.drop("stuck.jsonl", LARGE)
    with pytest.raises(KeyboardInterrupt):
        lake.land()
    monkeypatch.setattr(reading, "reading_seconds", hurried(1.5))
    report = lake.land()
    assert report.failed == [
        ("stuck.jsonl", "reading it took too long; deliver it in smaller files")
    ]
    assert all_good_loaded(lake)
    assert (lake.land().failed, lake.paths.reading("bot").exists()) == (report.failed, False)


def test_a_full_disk_is_no_fault_of_a_file(lake: scratch.Lake) -> None:
    lake.drop("full.jsonl", lines(call(100)))
    with pytest.raises(OutlayError, match=r"the disk is full .* make room and run again"):
        lake.land()
    assert lake.catalog("select count(*) from files where status = 'failed'") == [(0,)]
    (lake.paths.inbox / "bot" / "full.jsonl").unlink()
    assert lake.land().failed == []
    assert all_good_loaded(lake)


def test_a_file_that_changes_while_it_is_read_is_read_by_the_next_run(lake: scratch.Lake) -> None:
    path = lake.drop("growing.jsonl", lines(call(100)))
    ((file, reason),) = lake.land().failed
    assert file == "growing.jsonl"
    assert reason.startswith("it changed while it was being read")
    assert all_good_loaded(lake)
    assert lake.rows("select count(*) from rows where call_id = 'c100'") == [(0,)]
    path.rename(path.with_name("complete.jsonl"))
    assert lake.land().failed == []
    assert lake.rows("select count(*) from rows where call_id = 'c100'") == [(2,)]


def test_what_is_no_file_is_told_with_its_cure(lake: scratch.Lake) -> None:
    inbox = lake.paths.inbox / "bot"
    os.mkfifo(inbox / "pipe.jsonl")
    (inbox / "nowhere.jsonl").symlink_to(inbox / "gone.jsonl")
    (inbox / "self.jsonl").symlink_to(inbox / "self.jsonl")
    (inbox / "folder").mkdir()
    (inbox / "folder" / "circle").symlink_to(inbox)
    (Path(os.fsdecode(os.fsencode(inbox) + b"/caf\xe9.jsonl"))).write_text(lines(call(100)))
    for _ in range(2):
        assert sorted(lake.land().failed) == [
            ("caf\\xe9.jsonl", "its name is not UTF-8; rename it"),
            ("folder/circle", "is a link to a folder that it lies in; remove the link"),
            (
                "nowhere.jsonl",
                "cannot be opened (No such file or directory); it is a link: link to what is"
                " there, or remove it",
            ),
            ("pipe.jsonl", "is a pipe, a socket or a device; deliver a file"),
            (
                "self.jsonl",
                "cannot be opened (Too many levels of symbolic links); it is a link: link to what"
                " is there, or remove it",
            ),
        ]
    assert all_good_loaded(lake)
    # a file that fails in the same way every day adds nothing to the catalog
    assert lake.catalog("select count(*) from files where status <> 'loaded'") == [(5,)]


def test_a_folder_may_be_linked_into_the_inbox(lake: scratch.Lake, tmp_path: Path) -> None:
    elsewhere = tmp_path / "logs" / "2026"
    elsewhere.mkdir(parents=True)
    (elsewhere / "a.jsonl").write_text(lines(call(100)))
    (lake.paths.inbox / "bot" / "linked").symlink_to(tmp_path / "logs")
    assert lake.land().failed == []
    assert lake.rows("select source_file from rows where call_id = 'c100'") == [
        ("linked/2026/a.jsonl",)
    ]


def test_a_file_that_may_not_be_read_is_told_and_read_once_it_may(
    lake: scratch.Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lake.drop("private.jsonl", lines(call(100)))
    whole = Path.open

    def refusing(self: Path, *arguments: object, **options: object) -> object:
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return whole(self, *arguments, **options)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refusing)
        ((file, reason),) = lake.land().failed
    assert (file, reason) == (
        "private.jsonl",
        "cannot be read (Permission denied); let this user read it, or deliver it again",
    )
    assert lake.land().failed == []
    assert lake.rows("select count(*) from rows where call_id = 'c100'") == [(1,)]
