"""Object stores as an inbox: over HTTP as S3, GCS and Azure speak it, and folders by `file://`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.lake.catalog import LakePaths, open_catalog
from ingest.lake.file_entries import SourceReport
from ingest.lake.landing import land_source
from ingest.pull.inbound import pull_source
from ingest.pull.objects import source as objects
from ingest.pull.plan import PullReport, Span
from ingest.records.format import SourceConfig
from ingest.sources import FORMATS
from tests.ingest.billing.conftest import HEADER
from tests.ingest.pull.conftest import Clock, lake_charges
from tests.ingest.pull.store import BUCKET, ENVIRONMENT, WRITTEN, Bucket, serve

EXPORTS = "exports/focus"


def bill(*usd: str, day: str = "2026-10-01") -> str:
    """The smallest FOCUS file of some charges."""
    lines = [f"{amount},USD,Usage,{day}T00:00:00Z,Acme" for amount in usd]
    return "\n".join([HEADER, *lines]) + "\n"


@dataclass
class Remote:
    """A FOCUS source that is copied from a bucket on this machine."""

    root: Path
    bucket: Bucket
    clock: Clock
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def config(self) -> SourceConfig:
        url = f"{self.bucket.kind}://{BUCKET}/{EXPORTS}"
        remote = {"url": url, "endpoint": self.bucket.endpoint, **self.settings}
        path = Path("config/sources/cloud.toml")
        return SourceConfig("cloud", "focus", path, {"remote": remote}, "salt", "v1")

    @property
    def inbox(self) -> Path:
        return self.root / "inbox" / "cloud"

    def pull(self, span: Span | None = None) -> PullReport:
        return pull_source(
            self.config,
            self.root / "inbox",
            self.root / "pulled",
            lambda _: None,
            waiting=self.clock.waiting(),
            span=span,
        )

    def files(self) -> list[str]:
        """Files that landing would see."""
        found = (p.relative_to(self.inbox) for p in self.inbox.rglob("*") if p.is_file())
        return sorted(p.as_posix() for p in found if not p.parts[0].startswith("."))

    def land(self) -> SourceReport:
        self.inbox.mkdir(parents=True, exist_ok=True)
        paths = LakePaths(self.root / "inbox", self.root / "lake")
        with open_catalog(paths) as con:
            return land_source(con, paths, self.config, FORMATS["focus"],
                               self.clock.time.replace(tzinfo=None))  # fmt: skip


@pytest.fixture
def remote(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Remote]]:
    """Return a function that starts a bucket and a source with these `[remote]` settings."""
    backoff = {"init_backoff": timedelta(milliseconds=1), "max_backoff": timedelta(milliseconds=2)}
    monkeypatch.setattr(
        "ingest.pull.objects.stores.RETRIES", {"max_retries": 2, "backoff": backoff}
    )
    with ExitStack() as running:

        def start(kind: str = "s3", **settings: Any) -> Remote:
            for name, value in ENVIRONMENT[kind].items():
                monkeypatch.setenv(name, value)
            bucket = running.enter_context(serve(Bucket(kind)))
            return Remote(tmp_path, bucket, clock, settings)

        yield start


Start = Callable[..., Remote]


@pytest.mark.parametrize("kind", ["s3", "gs", "az"])
def test_objects_of_every_kind_of_store_are_copied_and_landed(remote: Start, kind: str) -> None:
    store = remote(kind)
    for number in range(1, 6):  # five objects are three pages of a listing
        store.bucket.put(f"{EXPORTS}/2026-10/part {number}+ä.csv", bill(f"{number}.25"))
    store.bucket.put("exports/focus-other/x.csv", bill("100"))
    report = store.pull()
    assert (report.problems, report.files_new) == ([], 5)
    assert store.files() == [f"2026-10/part {number}+ä.csv" for number in range(1, 6)]
    assert store.land().rows_loaded == 5
    # 1.25 + 2.25 + 3.25 + 4.25 + 5.25
    assert lake_charges(store.root) == {date(2026, 10, 1): Decimal("16.25")}


def test_an_unchanged_listing_copies_nothing(remote: Start) -> None:
    store = remote()
    store.bucket.put(f"{EXPORTS}/a.csv", bill("1"))
    store.pull()
    store.bucket.forget()
    report = store.pull()
    assert (report.files_new, report.unchanged) == (0, 1)
    assert (store.bucket.listed, store.bucket.got) == ([f"{EXPORTS}/"], [])


def test_the_time_of_an_object_is_kept(remote: Start) -> None:
    store = remote()
    store.bucket.put(f"{EXPORTS}/a.csv", bill("1"))
    store.pull()
    assert (store.inbox / "a.csv").stat().st_mtime == WRITTEN.timestamp()


@pytest.mark.parametrize("written", [WRITTEN, WRITTEN + timedelta(hours=1)])
def test_a_changed_object_replaces_its_rows_even_of_one_size_and_time(
    remote: Start, written: datetime
) -> None:
    store = remote()
    store.bucket.put(f"{EXPORTS}/a.csv", bill("1.5", "2.5"))
    store.bucket.put(f"{EXPORTS}/b.csv", bill("10"))
    store.pull()
    store.land()
    store.bucket.put(f"{EXPORTS}/a.csv", bill("1.5", "3.5"), written)
    store.bucket.forget()
    assert store.pull().files_new == 1
    assert store.bucket.got == [f"{EXPORTS}/a.csv"]
    store.land()
    assert sum(lake_charges(store.root).values()) == Decimal("15.0")


def test_an_object_that_was_removed_stays_loaded(remote: Start) -> None:
    store = remote()
    store.bucket.put(f"{EXPORTS}/a.csv", bill("1"))
    store.bucket.put(f"{EXPORTS}/b.csv", bill("2"))
    store.pull()
    store.land()
    store.bucket.objects.clear()
    assert store.pull().problems == []
    store.land()
    assert store.files() == ["a.csv", "b.csv"]
    assert sum(lake_charges(store.root).values()) == Decimal("3")


def test_an_interrupted_copy_shows_nothing_and_the_next_pull_goes_on(remote: Start) -> None:
    store = remote()
    for name in "abc":
        store.bucket.put(f"{EXPORTS}/{name}.csv", bill("1"))
    store.bucket.cut = {f"{EXPORTS}/c.csv"}
    report = store.pull()
    (problem,) = report.problems
    assert "c.csv: the store cannot be reached or read" in problem.reason
    assert store.files() == []
    assert store.land().files_new == 0
    store.bucket.cut = set()
    store.bucket.forget()
    assert store.pull().problems == []
    assert store.bucket.got == [f"{EXPORTS}/c.csv"]  # the others wait where they were copied to
    assert store.files() == ["a.csv", "b.csv", "c.csv"]
    assert not (store.inbox / ".copied").exists()


def test_a_pull_killed_while_files_become_visible_is_finished_before_anything_else(
    remote: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = remote()
    for name in "abc":
        store.bucket.put(f"{EXPORTS}/{name}.csv", bill("1"))
    real, moved = objects._put, []

    def killed(waits: Path, target: Path) -> None:
        if moved:
            raise KeyboardInterrupt
        moved.append(real(waits, target))

    with monkeypatch.context() as patch:
        patch.setattr(objects, "_put", killed)
        with pytest.raises(KeyboardInterrupt):
            store.pull()
    assert len(store.files()) == 1
    store.bucket.refuse = (503, "SlowDown")
    assert store.pull().problems
    assert store.files() == ["a.csv", "b.csv", "c.csv"]


def test_a_lost_memory_copies_nothing_that_is_there(remote: Start) -> None:
    store = remote()
    store.bucket.put(f"{EXPORTS}/a.csv", bill("1"))
    store.pull()
    (store.root / "pulled" / "objects" / "cloud.json").write_text("{")
    store.bucket.forget()
    assert (store.pull().unchanged, store.bucket.got) == (1, [])


def test_a_file_removed_from_the_inbox_is_copied_again(remote: Start) -> None:
    store = remote()
    store.bucket.put(f"{EXPORTS}/a.csv", bill("1"))
    store.pull()
    (store.inbox / "a.csv").unlink()
    assert store.pull().files_new == 1


def test_only_folders_of_days_that_may_change_are_listed(remote: Start) -> None:
    url = f"s3://{BUCKET}/{EXPORTS}/BILLING_PERIOD={{month}}"
    store = remote(url=url, start=date(2026, 7, 15))
    for month in range(6, 11):
        store.bucket.put(f"{EXPORTS}/BILLING_PERIOD=2026-{month:02}/a.csv", bill(f"{month}"))
    store.pull()
    asked = [f"{EXPORTS}/BILLING_PERIOD=2026-{month}/" for month in ("07", "08", "09", "10")]
    assert store.bucket.listed == asked
    assert store.files() == [f"BILLING_PERIOD=2026-{month}/a.csv" for month in
                             ("07", "08", "09", "10")]  # fmt: skip
    store.bucket.forget()
    store.pull()
    # 35 days before the 20th of October is the 15th of September
    assert store.bucket.listed == asked[2:]
    store.clock.set(date(2027, 1, 10))  # off for months: the gap is listed too
    store.bucket.forget()
    store.pull()
    assert [prefix[-8:] for prefix in store.bucket.listed] == [
        "2026-09/", "2026-10/", "2026-11/", "2026-12/", "2027-01/",
    ]  # fmt: skip
    store.bucket.forget()
    store.pull(Span(date(2026, 7, 1), date(2026, 7, 31)))
    assert store.bucket.listed == asked[:1]


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("x/{day}", "x/2026-10-20/"),
        ("x/{day:%Y/%m/%d}/logs", "x/2026/10/20/logs/"),
        ("{month:%Y%m%d}-{next_month:%Y%m%d}", "20261001-20261101/"),
        ("{month:%Y%m%d}-{month_end:%Y%m%d}", "20261001-20261031/"),
    ],
)
def test_folders_of_days_and_months_can_be_spelt_as_the_exporter_does(
    remote: Start, address: str, folder: str
) -> None:
    store = remote(url=f"s3://{BUCKET}/{address}", lookback_days=0)
    store.bucket.put(f"{folder}a.csv", bill("1"))
    assert store.pull().problems == []
    assert store.bucket.listed == [folder]
    assert store.files() == [f"{folder}a.csv".removeprefix("x/")]


def test_patterns_choose_objects_and_hidden_or_empty_ones_are_left_out(remote: Start) -> None:
    store = remote(include=["*.csv", "*.json"], exclude=["old/*"])
    for key in ("a.csv", "deep/b.csv", "deep/c.json", "old/d.csv", "e.parquet", ".hidden/f.csv"):
        store.bucket.put(f"{EXPORTS}/{key}", bill("1"))
    store.bucket.put(f"{EXPORTS}/empty.csv", "")
    report = store.pull()
    assert store.files() == ["a.csv", "deep/b.csv", "deep/c.json"]
    assert not (store.inbox / ".hidden").exists()
    assert report.notes == ["1 without content, left out"]


@pytest.mark.parametrize("key", ["../evil.csv", "a/../../../evil.csv", "a//b.csv", "./x.csv"])
def test_a_key_that_leads_out_of_the_folder_is_refused(remote: Start, key: str) -> None:
    store = remote()
    store.bucket.put(f"{EXPORTS}/{key}", bill("1"))
    (problem,) = store.pull().problems
    assert "a key there is no path that can be kept" in problem.reason
    assert not list(store.root.rglob("*.csv"))


def test_a_key_that_is_a_file_and_a_folder_is_said(remote: Start) -> None:
    store = remote()
    store.bucket.put(f"{EXPORTS}/a", bill("1"))
    store.bucket.put(f"{EXPORTS}/a/b.csv", bill("2"))
    (problem,) = store.pull().problems
    assert "both a file and a folder" in problem.cure


@pytest.mark.parametrize("kind", ["s3", "gs", "az"])
@pytest.mark.parametrize(
    ("refuse", "reason", "cure"),
    [
        ((404, "NoSuchBucket"), "there is no such bucket, container or folder (status 404, NoSu",
         "correct remote.url in config/sources/cloud.toml"),
        ((403, "AccessDenied"), "access was denied (status 403, AccessDenied)", "must allow"),
        ((503, "SlowDown"), "the store failed (status 503, SlowDown)", "run again later"),
    ],
)  # fmt: skip
def test_a_listing_that_fails_is_said_with_its_cure_and_without_keys(
    remote: Start, kind: str, refuse: tuple[int, str], reason: str, cure: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    store = remote(kind)
    store.bucket.refuse = refuse
    (problem,) = store.pull().problems
    assert f"{BUCKET}/{EXPORTS}: {reason}" in problem.reason
    assert cure in problem.cure
    for secret in ("AKIDTEST", "never-to-be-seen", "gs-token", "SharedKey"):
        assert secret not in str(problem) + caplog.text


def test_a_bucket_without_what_is_wanted_is_no_good_pull(remote: Start) -> None:
    store = remote()
    store.bucket.put("elsewhere/a.csv", bill("1"))
    (problem,) = store.pull().problems
    assert problem.reason == f"s3://{BUCKET}/{EXPORTS}: no object is there"
    assert problem.cure == "correct remote.url or remote.include in config/sources/cloud.toml"


def test_a_folder_of_another_disk_is_a_store_too(tmp_path: Path, clock: Clock) -> None:
    exports = tmp_path / "mount" / "2026 10"
    exports.mkdir(parents=True)
    (exports / "a.csv").write_text(bill("1.5"))
    store = Remote(tmp_path, Bucket(), clock, {"url": f"file://{tmp_path}/mount"})
    assert store.pull().files_new == 1
    assert store.files() == ["2026 10/a.csv"]
    assert store.pull().unchanged == 1
    store.land()
    assert sum(lake_charges(tmp_path).values()) == Decimal("1.5")
    store.settings["url"] = f"file://{tmp_path}/nowhere"
    (problem,) = store.pull().problems
    assert "there is no such bucket, container or folder" in problem.reason
