"""Secrets of a workspace on disk: the salt that pseudonyms are made with."""

from __future__ import annotations

import secrets
from pathlib import Path

from ingest.files import replace_file


def new_salt() -> str:
    """A salt that nobody can guess."""
    return secrets.token_hex(32)


def write_secret(file: Path, text: str) -> None:
    """Replace a file that only its owner can read, safe on disk when this returns."""
    replace_file(file, f"{text}\n".encode(), 0o600)
