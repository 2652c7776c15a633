"""DEPENDENCIES.md: every pinned package with its licence, and why or for whom it is here."""

from __future__ import annotations

import importlib.metadata
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from tests.conftest import REPOSITORY

_PIN = re.compile(r"^([\w.-]+)==([^\s;]+)")
_DIRECT = re.compile(r'^    "([\w.-]+)[^"]*",(?:\s+# (.+))?$')
_REQUIRED = re.compile(r"^[\w.-]+")

WORDS = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "GNU General Public License (GPL)": "GPL",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
}
"""SPDX's words for what classifiers say."""


@dataclass(frozen=True)
class Package:
    """A pinned package.

    Attributes:
        licence: as its metadata state it; of several classifiers any may be chosen.
        reason: why Outlay uses it; "" where another package brings it.
        required_by: the packages that bring it.
    """

    name: str
    version: str
    licence: str
    reason: str
    required_by: tuple[str, ...]


def reasons() -> dict[str, str | None]:
    """Why each package of pyproject.toml is there, by its name; None where nobody says it."""
    lines = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    found = (_DIRECT.match(line) for line in lines[: lines.index("[project.scripts]")])
    return {normal(match[1]): match[2] for match in found if match}


def packages() -> Iterator[Package]:
    """Every package of requirements.txt, in its order."""
    lines = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = {match[1]: match[2] for line in lines if (match := _PIN.match(line))}
    stated, brought = reasons(), _required_by(pinned)
    for name, version in pinned.items():
        reason = stated.get(normal(name)) or ""
        yield Package(name, version, licence(name), reason, tuple(sorted(brought[normal(name)])))


def licence(name: str) -> str:
    """What a package's metadata say of its licence, in SPDX's words where there are some."""
    metadata = importlib.metadata.metadata(name)
    if expression := metadata.get("License-Expression"):
        return expression
    classifiers = [text for text in metadata.get_all("Classifier") or () if "License ::" in text]
    if classifiers:
        said = [text.rpartition(" :: ")[2] for text in classifiers]
        return " or ".join(WORDS.get(text, text) for text in said)
    return (metadata.get("License") or "").partition("\n")[0]


def normal(name: str) -> str:
    """A package's name as packaging tools compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _required_by(pinned: dict[str, str]) -> dict[str, set[str]]:
    """Who brings a package, by its name; only what nobody else brings comes by an extra."""
    always: dict[str, set[str]] = defaultdict(set)
    extra: dict[str, set[str]] = defaultdict(set)
    for name in pinned:
        for text in importlib.metadata.requires(name) or ():
            if match := _REQUIRED.match(text):
                found = extra if "extra ==" in text else always
                found[normal(match[0])].add(name)
    return defaultdict(set, extra | always)


def lines() -> Iterator[str]:
    """The page."""
    found = list(packages())
    yield "What Outlay is made of beside its own code: the packages that `requirements.txt` pins,"
    yield "and their licences as their own metadata state them. `make sbom` writes the same as"
    yield "CycloneDX, `make audit` asks for known vulnerabilities."
    yield ""
    yield "## Why each is here"
    yield ""
    yield "| package | version | licence | why |"
    yield "|---|---|---|---|"
    for package in found:
        if package.reason:
            yield f"| {package.name} | {package.version} | {package.licence} | {package.reason} |"
    yield ""
    yield "## What they bring"
    yield ""
    yield "| package | version | licence | for |"
    yield "|---|---|---|---|"
    for package in found:
        if not package.reason:
            whose = ", ".join(package.required_by)
            yield f"| {package.name} | {package.version} | {package.licence} | {whose} |"
