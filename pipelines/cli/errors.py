"""How the command ends when it could not do its work: a message that helps, and exit code 2."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from ingest.errors import OutlayError
from pipelines.cli import views as show
from pipelines.workspace.paths import Workspace


@contextmanager
def user_errors(workspace: Path | None = None) -> Iterator[None]:
    """Turn what a user can act on into a message; keep the rest for whoever looks into it."""
    try:
        yield
    except OutlayError as error:
        show.error(str(error))
        raise typer.Exit(2) from error
    except typer.Exit:
        raise
    except Exception as error:
        show.error(f"{type(error).__name__}: {error}{_keep_trace(workspace)}")
        raise typer.Exit(2) from error
    except BaseException as error:
        # Ctrl-C, which Dagster turns into an interruption of its own
        show.error("interrupted; nothing half-done counts, the next run carries on")
        if workspace:
            # dbt's threads may be in the middle of a query, for which a normal exit would wait
            os._exit(2)
        raise typer.Exit(2) from error


def _keep_trace(workspace: Path | None) -> str:
    """Write the trace of the present error into the workspace; say where it is."""
    if workspace is None or not Workspace(workspace).state.is_dir():
        traceback.print_exc()
        return ""
    log = Workspace(workspace).error_log
    log.write_text(traceback.format_exc(), encoding="utf-8")
    return f"; the trace is in {log}"
