"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

WorkspaceOption = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        show_default="the current directory",
        help="The workspace, or any folder in it.",
    ),
]
OverrideOption = Annotated[
    str | None,
    typer.Option(
        "--override-freeze",
        metavar="REASON",
        help="Let a changed configuration count inside a freeze window; recorded with the change.",
    ),
]
DAY = ["%Y-%m-%d"]
"""How a day is written."""

MONTH = ["%Y-%m"]
"""How a month is written."""
