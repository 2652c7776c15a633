"""The parsed dbt project, kept on disk: parsing costs more than reading a day's calls.

dbt's own partial parsing compares every file, and parses all of them anew for another warehouse. A
file here is named by everything that parsing reads, so that it either is what dbt would make or
is not found.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

_PARSERS = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "outlay")
"""Packages that make a manifest of a project: all but the first bring macros, too."""

_KEPT = 12
"""Manifests of about 6 MB: a workspace needs one; versions of Outlay leave theirs behind."""

_SUFFIX = "msgpack"

_DIGEST_BYTES = hashlib.sha256().digest_size


def files_fingerprint(project: Path, *names: str) -> str:
    """Changes whenever one of the project's files and folders of these names does."""
    digest = hashlib.sha256()
    for name in names:
        root = project / name
        for path in [root] if root.is_file() else sorted(root.rglob("*.*")):
            digest.update(path.relative_to(project).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def manifest_key(project: Path, database: str) -> str:
    """Changes whenever dbt would parse something else; no variable decides what is parsed.

    Args:
        project: the folder of `dbt_project.yml`.
        database: the warehouse's name in DuckDB, which relations are called by.
    """
    files = files_fingerprint(
        project, "macros", "models", "seeds", "tests", "dbt_project.yml", "profiles.yml"
    )
    parsers = [(name, version(name)) for name in _PARSERS]
    text = json.dumps([str(project), files, database, parsers, sys.version])
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def load_manifest(folder: Path, key: str) -> Manifest | None:
    """The manifest kept under a key, a new object each time; None when it is missing or damaged."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    packed = load_content(folder, key, _SUFFIX)
    if packed is None:
        return None
    return Manifest.from_msgpack(packed, decoder=extended_mashumuro_decoder)


def keep_manifest(folder: Path, key: str, manifest: Manifest) -> None:
    """Keep a manifest under a key; whoever reads meanwhile gets all of it or nothing."""
    from dbt.parser.manifest import extended_mashumaro_encoder

    keep_content(folder, key, manifest.to_msgpack(extended_mashumaro_encoder), _SUFFIX)


def load_content(folder: Path, key: str, suffix: str) -> bytes | None:
    """What is kept under a key; None when it is missing or damaged."""
    file = _file(folder, key, suffix)
    try:
        content = file.read_bytes()
        file.touch()
    except OSError:
        return None
    digest, kept = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    return kept if digest == _digest(key, kept) else None


def keep_content(folder: Path, key: str, content: bytes, suffix: str) -> None:
    """Keep something made of the project that a key stands for, one file a suffix."""
    folder.mkdir(parents=True, exist_ok=True)
    file = _file(folder, key, suffix)
    temporary = file.with_suffix(f".{os.getpid()}")
    temporary.write_bytes(_digest(key, content) + content)
    temporary.replace(file)
    _forget_unused(folder, suffix)


def _forget_unused(folder: Path, suffix: str) -> None:
    """Delete all but those used last."""
    for file in sorted(folder.glob(f"*.{suffix}"), key=_used_at, reverse=True)[_KEPT:]:
        file.unlink(missing_ok=True)


def _used_at(file: Path) -> float:
    """When it was kept or loaded last; 0 when another process has just deleted it."""
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _file(folder: Path, key: str, suffix: str) -> Path:
    return folder / f"{key}.{suffix}"


def _digest(key: str, packed: bytes) -> bytes:
    """Covers the key, so that a file under another's name is not taken for it."""
    return hashlib.sha256(key.encode() + packed).digest()
