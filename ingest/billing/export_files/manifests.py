"""Which files are an export's delivery: what the manifest beside them lists.

- Azure lays a `manifest.json` beside the parts of a run: `blobs` names them.
- AWS lays one in the billing period's folder: `reportKeys` (legacy, `rep-Manifest.json`) or
  `dataFiles` (Data Exports, below `metadata/` beside `data/`) names the files that are the period
  now, those of an older run or of one more chunk left out. A copy within a run's own folder lists
  that run, and says nothing of others.

A delivery of which a listed file is missing is not there yet: its files wait, and what was loaded
before stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingest.errors import SourceFileError
from ingest.records.format import Group, InputFile

MANIFEST_SUFFIX = "manifest.json"


@dataclass(frozen=True)
class _Listing:
    """What one manifest says.

    Attributes:
        files: the group's files that are the delivery, as `_within` names them.
        is_whole: files of the group that it does not list are not of the delivery.
    """

    manifest: str
    files: Collection[str]
    is_whole: bool


@dataclass(frozen=True)
class ExportManifests:
    """The manifests of one format.

    Attributes:
        period_folder: name of the folder of an AWS export's billing period, of which one manifest
            speaks; elsewhere a manifest speaks of the folder it lies in.
    """

    period_folder: re.Pattern[str] | None = None

    def group_of(self, relative: str) -> Group:
        """What a file is delivered in: a manifest speaks of one group."""
        place = self._aws_place(relative)
        return place[0] if place else (str(PurePosixPath(relative).parent),)

    def left_out(
        self,
        here: Mapping[str, Path | None],
        loaded: Collection[str],
        groups: Collection[Group],
    ) -> dict[str, str]:
        """Return which files are not of their delivery, or not yet, and why.

        Args:
            here: files of a source's inbox folder, and loaded ones that left it (None).
            loaded: those whose rows are in the lake.
            groups: the groups in which something changed; others are not looked at.
        """
        by_group: dict[Group, list[str]] = {group: [] for group in groups}
        for relative in here:
            if (group := self.group_of(relative)) in by_group:
                by_group[group].append(relative)
        reasons: dict[str, str] = {}
        for members in by_group.values():
            names = {self._within(name): name for name in members if not is_manifest(name)}
            for listing in self._listings(members, here):
                reasons |= _reasons(listing, names, loaded)
        return reasons

    def _listings(
        self, members: Collection[str], here: Mapping[str, Path | None]
    ) -> Iterator[_Listing]:
        """Yield what the manifests of one group list; one that cannot be read lists nothing."""
        for relative in members:
            path = here[relative]
            content = (json_object(path) if path and is_manifest(relative) else None) or {}
            place = self._aws_place(relative)
            if isinstance(blobs := content.get("blobs"), list) and not place:
                names = [blob.get("blobName") for blob in blobs if isinstance(blob, dict)]
                files = [PurePosixPath(name).name for name in names if isinstance(name, str)]
                is_whole = True
            else:
                keys = content.get("reportKeys") or content.get("dataFiles")
                texts = keys if isinstance(keys, list) else []
                files = [found[1] for text in texts if (found := self._aws_place(str(text)))]
                is_whole = place is not None and "/" not in place[1]
            if files:
                yield _Listing(relative, files, is_whole)

    def _within(self, relative: str) -> str:
        """Return a file's name as a manifest of its group gives it."""
        place = self._aws_place(relative)
        return place[1] if place else PurePosixPath(relative).name

    def _aws_place(self, path: str) -> tuple[Group, str] | None:
        """Return an export's billing period and the path below it; None outside of one."""
        parts = PurePosixPath(path).parts
        for place, part in enumerate(parts[:-1]):
            if self.period_folder and self.period_folder.fullmatch(part):
                root = parts[:place]
                if root and root[-1].lower() in ("data", "metadata"):
                    root = root[:-1]
                return (*root, part), "/".join(parts[place + 1 :])
        return None


def _reasons(
    listing: _Listing, names: Mapping[str, str], loaded: Collection[str]
) -> dict[str, str]:
    if missing := sorted(set(listing.files) - names.keys()):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        reason = (
            f"waits for {missing[0]}{more}, which {listing.manifest} lists:"
            " copy the whole run into the inbox"
        )
        waiting = [names[name] for name in listing.files if name in names]
        return {name: reason for name in waiting if name not in loaded}
    reason = f"{listing.manifest} does not list it: it is of an earlier delivery"
    others = names.keys() - set(listing.files) if listing.is_whole else ()
    return {names[within]: reason for within in others}


def is_manifest(relative: str) -> bool:
    """Whether a file describes deliveries and holds no charges."""
    return relative.lower().endswith(MANIFEST_SUFFIX)


def check_manifest(file: InputFile) -> None:
    """Read a manifest for its faults alone.

    Raises:
        SourceFileError: it is not a JSON object.
    """
    if json_object(file.path) is None:
        raise SourceFileError(file.relative, "is not a JSON object; copy the export's run again")


def json_object(path: Path) -> dict[str, object] | None:
    """Return a manifest's content; None when there is none, or no JSON object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
