"""Secrets of a workspace on disk: the salt that pseudonyms are made with."""

from __future__ import annotations

import secrets
from pathlib import Path

from ingest.files import make_folder, put_in_place


def new_salt() -> str:
    """A salt that nobody can guess."""
    return secrets.token_hex(32)


def write_secret(file: Path, text: str) -> None:
    """Replace a file that only its owner can read, safe on disk when this returns."""
    make_folder(file.parent)
    hidden = file.with_name(f".{file.name}.new")
    hidden.unlink(missing_ok=True)
    hidden.touch(mode=0o600)
    hidden.write_text(text + "\n", encoding="utf-8")
    put_in_place(hidden, file)
