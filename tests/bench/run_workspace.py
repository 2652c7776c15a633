"""`outlay run` on one workspace, where failed checks are no reason to stop measuring."""

from __future__ import annotations

import os
import sys

from typer.testing import CliRunner

from pipelines.cli.app import app

WITHOUT_FLUSHES = "--without-flushes"
"""Option: what Outlay flushes itself is left to the system; databases flush what they write."""

if __name__ == "__main__":
    if WITHOUT_FLUSHES in sys.argv:
        os.fsync = lambda _: None  # type: ignore[assignment]
    result = CliRunner().invoke(app, ["run", "--workspace", sys.argv[1]])
    print(result.output)
    sys.exit(0 if result.exit_code in (0, 1) else result.exit_code)
