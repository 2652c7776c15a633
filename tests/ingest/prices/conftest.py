from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.prices.overrides import PRICES, Override


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test inputs that lies beside the repository."""
    folder = Path(os.environ.get("OUTLAY_SHARED", Path(__file__).parents[4] / "shared"))
    if not folder.is_dir():
        pytest.skip(f"test inputs are absent: {folder}")
    return folder


@pytest.fixture
def own_prices(tmp_path: Path) -> Callable[..., tuple[Override, ...]]:
    """Read a price file that holds these lines below the header."""

    def read(*lines: str) -> tuple[Override, ...]:
        path = tmp_path / "prices.csv"
        path.write_text("\n".join([",".join(PRICES.header), *lines]) + "\n", encoding="utf-8")
        return PRICES.read(path)

    return read
