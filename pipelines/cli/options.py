"""Options that several commands share."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        help="The workspace, or any folder in it. Default: the current directory.",
    ),
]
DayOption = Optional[datetime]  # noqa: UP045 - typer reads it at run time
OverrideOption = Annotated[
    Optional[str],  # noqa: UP045 - typer reads it at run time
    typer.Option(
        "--override-freeze",
        metavar="REASON",
        help="Let a changed configuration count inside a freeze window; recorded with the change.",
    ),
]
DAY = ["%Y-%m-%d"]
"""How a day is written."""
