"""Secrets of a workspace on disk: the salt that pseudonyms are made with."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def new_salt() -> str:
    """A salt that nobody can guess."""
    return secrets.token_hex(32)


def write_secret(file: Path, text: str) -> None:
    """Write a file that only its owner can read, safe on disk when this returns."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    with file.open("w", encoding="utf-8") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
