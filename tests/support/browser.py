"""A real browser without a window: a page as it stands once its scripts have run."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome")

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,2400",
)

PATIENCE_SECONDS = 8
"""Of the page's own clock, which stands still while an answer is awaited."""


def find_browser() -> str:
    """The path of an installed browser; the test skips where there is none."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no browser found: none of {', '.join(BROWSERS)} is installed")
    return found


def page_content(browser: str, url: str, profile: Path) -> str:
    """The page's elements as HTML, `PATIENCE_SECONDS` after it was opened."""
    command = [browser, *FLAGS, f"--virtual-time-budget={PATIENCE_SECONDS * 1000}",
               f"--user-data-dir={profile}", "--dump-dom", url]  # fmt: skip
    result = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return result.stdout.decode()
