"""Picture of the demo's overview page, for the README: `make picture` takes it anew."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile

from tests.conftest import REPOSITORY
from tests.support.browser import BROWSERS, FLAGS, PATIENCE_SECONDS

PAGE = REPOSITORY / "data" / "demo" / "site" / "index.html"
PICTURE = REPOSITORY / "dashboards" / "overview.png"
SIZE = (1280, 1000)
"""Tiles, what moved and what to do first: what fits on a screen."""


def take() -> None:
    """Open the page in a headless browser and write what it shows."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None or not PAGE.is_file():
        sys.exit(f"needs one of {', '.join(BROWSERS)}, and {PAGE}: run `make demo`")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                browser,
                *(flag for flag in FLAGS if not flag.startswith("--window-size")),
                f"--window-size={SIZE[0]},{SIZE[1]}",
                f"--virtual-time-budget={PATIENCE_SECONDS * 1000}",
                "--hide-scrollbars",
                f"--user-data-dir={profile}",
                f"--screenshot={PICTURE}",
                PAGE.as_uri(),
            ],
            check=True,
            capture_output=True,
        )
    print(f"wrote {PICTURE}")


if __name__ == "__main__":
    take()
