"""A disk that fills up while files are pulled: none is there by half, and no store is blamed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.pull.inbound import pull_source
from ingest.records.format import SourceConfig
from tests.ingest.pull.conftest import TODAY, Clock, Source
from tests.ingest.pull.vendor import openai_cost


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Fill the disk: what is written meets no room when it is to be safe there."""

    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return lambda: monkeypatch.setattr(os, "fsync", refuse)


def test_an_answer_for_which_there_is_no_room_is_not_laid(
    source: Callable[..., Source], full: Callable[[], None]
) -> None:
    openai = source(start=TODAY, lookback_days=0, reports=["costs"])
    openai.vendor.ledger["costs"] = {TODAY: [openai_cost("0.06")]}
    full()
    with pytest.raises(OSError, match="No space left on device"):
        openai.pull()
    assert openai.files() == []
    assert not openai.state_file.exists()


def test_an_object_for_which_there_is_no_room_is_not_the_stores_fault(
    tmp_path: Path, full: Callable[[], None]
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (store / "a.csv").write_text("a,b\n1,2\n")
    options = {"remote": {"url": store.as_uri()}}
    config = SourceConfig("cloud", "focus", Path("cloud.toml"), options, "salt", "v1")
    waiting = Clock().waiting()
    inbox, state = tmp_path / "inbox", tmp_path / "pulled"
    full()
    with pytest.raises(OSError, match="No space left on device"):
        pull_source(config, inbox, state, lambda _: None, waiting=waiting)
    assert not (inbox / "cloud" / "a.csv").exists()
