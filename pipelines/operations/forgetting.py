"""`outlay forget`: where a person's rows are, and their link to the person cut, on record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

import duckdb

from ingest.errors import OutlayError
from ingest.lake.catalog import open_catalog
from ingest.lake.people.forgetting import HeldRows, Person, forget, rows_of
from ingest.lake.retention import OldFile
from ingest.records.pseudonyms import pseudonyms_of
from ingest.sources import FORMATS
from pipelines.run.publish import remove_database
from pipelines.run.retention.records import PERSON, Dropped, recorded
from pipelines.workspace.load import load_workspace
from pipelines.workspace.locking import workspace_lock
from pipelines.workspace.paths import Workspace
from pipelines.workspace.secret_files import new_salt


def find_person(workspace: Workspace, identifier: str) -> list[HeldRows]:
    """The rows of a person, by table and file; changes nothing.

    Args:
        identifier: as sources name the person, or its pseudonym of now.

    Raises:
        LockedError: a run is under way.
    """
    with workspace_lock(workspace.state), open_catalog(workspace.lake) as con:
        return rows_of(con, workspace.lake, FORMATS.values(), _person(workspace, identifier))


def forget_person(workspace: Workspace, identifier: str) -> list[HeldRows]:
    """Cut the link of a person's rows; the warehouse is gone, the next run makes it.

    Returns:
        The rows that were the person's.

    Raises:
        LockedError: a run is under way.
        OutlayError: a delivered file or the configuration still names the person, with the cure;
            nothing was changed.
    """
    person = _person(workspace, identifier)
    with workspace_lock(workspace.state), open_catalog(workspace.lake) as con:
        held = rows_of(con, workspace.lake, FORMATS.values(), person)
        if not held:
            return held
        _refuse_what_names(con, workspace, held, (identifier, *person.pseudonyms))
        # without it before the lake changes: what a killed run leaves is made anew
        remove_database(workspace.warehouse)
        remove_database(workspace.guardrail_warehouse)
        with recorded(workspace, list(_dropped(held))):
            forget(con, workspace.lake, FORMATS.values(), person, new_salt())
    return held


def _person(workspace: Workspace, identifier: str) -> Person:
    if not identifier:
        raise OutlayError("name the person as the sources do")
    settings, _ = load_workspace(workspace)
    return Person(identifier, pseudonyms_of(identifier, settings.salt.get_secret_value()))


def _refuse_what_names(
    con: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    held: Sequence[HeldRows],
    names: Sequence[str],
) -> None:
    """Refuse while something would bring the person back, or would compute otherwise without.

    Raises:
        OutlayError: names it, with the cure.
    """
    copies = con.execute(
        "select distinct source_name, source_file from files where content_hash in"
        " (select content_hash from files where list_contains($ids, file_id)) order by all",
        {"ids": [one.file_id for one in held]},
    ).fetchall()
    delivered = [
        f"inbox/{source}/{file}"
        for source, file in copies
        if (workspace.lake.inbox / source / file).exists()
    ]
    if delivered:
        more = f" and {len(delivered) - 1} more" if len(delivered) > 1 else ""
        raise OutlayError(
            f"{delivered[0]}{more} names the person as it was delivered: delete it, for its rows"
            " are in the lake, or take the person out of it and run; then say this again"
        )
    for file in sorted([*workspace.config.glob("*.csv"), workspace.root / "outlay.toml"]):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if any(re.search(rf"(?<![\w.@-]){re.escape(name)}(?![\w.@-])", line) for name in names):
                raise OutlayError(
                    f"{file.relative_to(workspace.root)}, line {number} names the person, and old"
                    " months are computed by it: take that out, run, and say this again"
                )


def _dropped(held: Sequence[HeldRows]) -> Iterator[Dropped]:
    """What goes on record: files, days and numbers of rows, and nothing of the person."""
    ordered = sorted(held, key=lambda one: one.source_name)
    for source, own in groupby(ordered, key=lambda one: one.source_name):
        files = [
            OldFile(source, o.source_file, o.file_id, o.first_day, o.last_day, o.rows) for o in own
        ]
        yield Dropped(PERSON, source, "outlay forget", files)
