"""Which of two datasets an Azure cost export is.

An ActualCost export has the purchase of a reservation and usage under it at 0; an AmortizedCost
export spreads the purchase over that usage. Both state all other usage alike, so the sum of the
two is nobody's cost. Which one a file is, is said by its run's `manifest.json`, or by rows that
only one of them can have, or by its path; a file that says nothing reads the same in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from ingest.billing.azure.columns import DATASET_MARKS, marked_rows, resolve
from ingest.billing.export_files.deliveries import manifest_text, read_manifest
from ingest.billing.export_files.lined_files import drop_lines
from ingest.billing.export_files.tabular import SUFFIXES, open_text, unreadable
from ingest.errors import ConfigError, SourceFileError
from ingest.records.format import InputFile, SourceConfig

_DATASETS = ("actual", "amortized")


class OneDataset:
    """Lets a source read one of the two datasets only.

    The setting `dataset` decides; without it, the first file of the source's folder, in path
    order, that says what it is.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, config: SourceConfig) -> None:
        """Check the setting.

        Raises:
            ConfigError: `dataset` is neither `actual` nor `amortized`.
        """
        self._con = con
        self._config = config
        self._setting = config.options.get("dataset")
        self._first: dict[Path, tuple[str, str] | None] = {}
        if self._setting not in (None, *_DATASETS):
            raise ConfigError(str(config.path), "dataset", 'write "actual" or "amortized"')

    def check(self, file: InputFile, rows: str) -> None:
        """Refuse a file of the other dataset.

        Args:
            rows: the table of the file's typed rows.

        Raises:
            SourceFileError: the file is of the other dataset, or holds both.
        """
        found = _manifest_dataset(file) or _of_rows(self._con, file, rows) or _named(file.relative)
        if found is None:
            return
        if self._setting:
            read, because = self._setting, f'{self._config.path} says dataset = "{self._setting}"'
        else:
            read, name = self._first_of(file) or (found, file.relative)
            because = f"{name} is of the {read} one"
        if read != found:
            reason = (
                f"is an export of {found} cost, but this source reads {read} cost ({because}): "
                "both state the same usage, so their sum is wrong. Keep this file out of the "
                f'inbox, or start a source of its own with dataset = "{found}" in place of this one'
            )
            raise SourceFileError(file.relative, reason)

    def _first_of(self, file: InputFile) -> tuple[str, str] | None:
        """Return (dataset, path) of the folder's first file that says what it is."""
        folder = file.path.parents[file.relative.count("/")]
        if folder not in self._first:
            siblings = ((s, self._searched(s)) for s in _files(folder))
            self._first[folder] = next(((d, s.relative) for s, d in siblings if d), None)
        return self._first[folder]

    def _searched(self, file: InputFile) -> str | None:
        """Return a sibling's dataset; its rows are only asked when nothing else tells."""
        return _manifest_dataset(file) or _named(file.relative) or _of_file(self._con, file)


def _files(folder: Path) -> Iterator[InputFile]:
    paths = sorted((p.relative_to(folder).as_posix(), p) for p in folder.rglob("*") if p.is_file())
    for relative, path in paths:
        hidden = any(part.startswith(".") for part in Path(relative).parts)
        if relative.lower().endswith(SUFFIXES) and not hidden:
            yield InputFile(0, path, relative)


def _manifest_dataset(file: InputFile) -> str | None:
    kind = manifest_text(read_manifest(file.path.parent), "exportConfig", "type") or ""
    return {"actualcost": "actual", "amortizedcost": "amortized"}.get(kind.lower())


def _named(relative: str) -> str | None:
    said = {word for word in ("actual", "amorti") if word in relative.lower()}
    if len(said) != 1:
        return None
    return "actual" if said == {"actual"} else "amortized"


def _of_rows(con: duckdb.DuckDBPyConnection, file: InputFile, rows: str) -> str | None:
    """Return the dataset that the rows give away.

    Args:
        rows: a table expression with the columns of `marked_rows`.
    """
    marks = ", ".join(f"coalesce(bool_or({mark}), false)" for mark in DATASET_MARKS)
    spread, bought, covered = con.execute(f"select {marks} from {rows}").fetchall()[0]
    if spread and bought:
        raise SourceFileError(
            file.relative,
            "holds purchases of reservations and their amortised cost too, so its sum is wrong: "
            "export ActualCost and AmortizedCost apart, and deliver one of them",
        )
    if spread:
        return "amortized"
    return "actual" if bought or covered else None


def _of_file(con: duckdb.DuckDBPyConnection, file: InputFile) -> str | None:
    """Ask the rows of a file that is not being read; one that cannot be read says nothing."""
    try:
        scan = open_text(con, file)
        marked = marked_rows(scan.sql, resolve(file, scan.columns))

        def dataset() -> str | None:
            return _of_rows(con, file, marked)

        return scan.lined.answer(dataset) if scan.lined else dataset()
    except (SourceFileError, duckdb.Error) as error:
        if isinstance(error, duckdb.Error) and not isinstance(
            unreadable(file, error), SourceFileError
        ):
            raise
        return None
    finally:
        drop_lines(con, file)
