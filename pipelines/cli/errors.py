"""How a command ends when it could not do its work: a message that helps, and exit code 2."""

from __future__ import annotations

import errno
import os
import shutil
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from ingest.errors import OutlayError
from pipelines.cli.presentation import presentation
from pipelines.cli.views.console import error as say_error
from pipelines.workspace.paths import Workspace, find_workspace


@contextmanager
def in_workspace(folder: Path) -> Iterator[Workspace]:
    """The workspace of a folder, for the work of one command, with `user_errors` around it."""
    with user_errors():
        workspace = find_workspace(folder)
    with user_errors(workspace):
        yield workspace


@contextmanager
def user_errors(workspace: Workspace | None = None) -> Iterator[None]:
    """Turn what a user can act on into a message; keep the rest for whoever looks into it.

    Args:
        workspace: keeps the trace of an error that nobody foresaw.
    """
    try:
        yield
    except OutlayError as error:
        say_error(*map(str, error.args))
        raise typer.Exit(2) from error
    except (typer.Exit, typer.BadParameter, BrokenPipeError):
        # a reader such as `head` that has enough is no error of ours
        raise
    except PermissionError as error:
        say_error(f"{error.filename}: {error.strerror}: let this user read and write it")
        raise typer.Exit(2) from error
    except Exception as error:
        if trouble := _disk_trouble(error, workspace):
            say_error(trouble)
            raise typer.Exit(2) from error
        said = " ".join(f"{type(error).__name__}: {error}".split())
        say_error(f"{said}; {_kept_trace(workspace)}")
        if presentation().is_verbose:
            traceback.print_exc()
        raise typer.Exit(2) from error
    except BaseException as error:
        # Ctrl-C, which Dagster turns into an interruption of its own
        say_error("interrupted; nothing half-done counts, the next run carries on")
        if workspace:
            # dbt's threads may be in the middle of a query, for which a normal exit would wait
            os._exit(2)
        raise typer.Exit(2) from error


_ROOM_BYTES = 16 << 20
"""Free on the workspace's disk, below which it counts as full, whatever an engine calls that."""


def _disk_trouble(error: Exception, workspace: Workspace | None) -> str | None:
    """What is wrong with the disk, and the cure, when that ended the command.

    Engines say it in words of their own (`disk I/O error`), or run out of memory over it.
    """
    where = str(workspace.root) if workspace else getattr(error, "filename", None) or "the disk"
    said = " ".join(map(str, (error, error.__cause__, error.__context__)))
    is_full = any(os.strerror(number) in said for number in (errno.ENOSPC, errno.EDQUOT))
    if workspace and not is_full:
        is_full = shutil.disk_usage(workspace.root).free < _ROOM_BYTES
    for is_so, trouble in (
        (is_full, "the disk is full: make room"),
        (os.strerror(errno.EROFS) in said, "its disk cannot be written: mount it for writing"),
        (os.strerror(errno.EACCES) in said, "this user may not write all of it: let it do so"),
    ):
        if is_so:
            return f"{where}: {trouble}, and run again; nothing half-done counts"
    return None


def _kept_trace(workspace: Workspace | None) -> str:
    """Where the trace of the present error is: in the workspace, when that can be written."""
    if workspace is not None:
        try:
            workspace.error_log.write_text(traceback.format_exc(), encoding="utf-8")
        except OSError:
            pass
        else:
            return f"the trace is in {workspace.error_log}; --verbose prints it"
    return "--verbose prints the trace"
