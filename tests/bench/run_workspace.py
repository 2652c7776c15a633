"""`outlay run` on one workspace, where failed checks are no reason to stop measuring."""

from __future__ import annotations

import sys

from typer.testing import CliRunner

from pipelines.cli.app import app

if __name__ == "__main__":
    result = CliRunner().invoke(app, ["run", "--workspace", sys.argv[1]])
    print(result.output)
    sys.exit(0 if result.exit_code in (0, 1) else result.exit_code)
