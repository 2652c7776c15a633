"""`outlay import keys`: names that a gateway has for its keys, into `config/keys.csv`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import OutlayError
from ingest.records.pseudonyms import pseudonym_of
from ingest.reference.keys import KEY_ALIASES
from pipelines.operations.appended_rows import append_rows
from pipelines.workspace.paths import Workspace

FORMATS = (("keys", "token", "key_alias"), ("data", "hash", "name"))
"""List, key and name in answers of LiteLLM (`/key/list?return_full_object=true`) and OpenRouter
(`/api/v1/keys`); both name a key by the hash that their logs state."""


@dataclass(frozen=True)
class ImportedKeys:
    """What was added.

    Attributes:
        named: keys that had no name; those that had one keep it.
        kept: keys of the file that had one.
        unnamed: keys of the file without a name.
    """

    named: int
    kept: int
    unnamed: int


def import_keys(workspace: Workspace, file: Path, salt: str) -> ImportedKeys:
    """Append names of keys that have none yet; the file's own hashes become pseudonyms.

    Raises:
        ConfigError: the workspace's own file is wrong.
        OutlayError: the other file holds no list of keys.
    """
    target = workspace.keys_csv
    known = {name for row in KEY_ALIASES.read(target, salt=salt) for name in row.names}
    found = dict(_names(file))
    keys = {pseudonym_of(key, salt): alias for key, alias in found.items() if alias}
    new = {key: alias for key, alias in keys.items() if key not in known}
    if new:
        rows = [(key, alias, file.name) for key, alias in new.items()]
        append_rows(target, KEY_ALIASES.template, rows)
        KEY_ALIASES.read(target, salt=salt)
    return ImportedKeys(len(new), len(keys) - len(new), len(found) - len(keys))


def _names(file: Path) -> Iterator[tuple[str, str]]:
    """Key and name of each entry; a key without a name has ""."""
    try:
        content = json.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise OutlayError(f"{file} is no JSON that can be read: {error}") from error
    for place, key, name in FORMATS:
        entries = content.get(place) if isinstance(content, dict) else None
        if isinstance(entries, list) and _are_keys(entries, key):
            for entry in entries:
                yield entry[key], " ".join(str(entry.get(name) or "").split())
            return
    shown = " or ".join(f"{place}[].{key} with {name}" for place, key, name in FORMATS)
    raise OutlayError(f"{file} holds no list of keys: it needs {shown}")


def _are_keys(entries: list[Any], key: str) -> bool:
    return all(
        isinstance(entry, dict) and isinstance(entry.get(key), str) and entry[key]
        for entry in entries
    )
