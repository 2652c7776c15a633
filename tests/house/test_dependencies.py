"""Each package has a reason and a licence that lets Outlay be used and passed on."""

from __future__ import annotations

import re

from tests.house.dependencies import packages, reasons

ALLOWED = re.compile(
    r"(Apache[- ]?(Software )?(License )?(,? ?Version )?2(\.0)?"
    r"|(3-Clause )?BSD(-\d-Clause)?( License)?"
    r"|0BSD|MIT(-CMU|-0)?|MPL-2\.0|ISC|PSF-2\.0|CNRI-Python|Zlib|Unlicense|CC0-1\.0|LGPL-3\.0-only"
    r"|Artistic License)"
)
"""Licences whose terms hold for a program that only uses the package, or that ask for a notice."""


def is_allowed(licence: str) -> bool:
    """Whether all that must be kept of one that may be chosen are allowed."""
    choices = re.split(r"(?i) or ", licence.replace("(", "").replace(")", ""))
    return any(
        all(ALLOWED.fullmatch(part.strip()) for part in re.split(r"(?i) and ", choice))
        for choice in choices
    )


def test_every_package_that_outlay_asks_for_has_its_reason() -> None:
    stated = reasons()
    assert len(stated) > 35
    assert [name for name, reason in stated.items() if not reason] == []


def test_every_package_has_a_licence_that_is_allowed_and_somebody_who_needs_it() -> None:
    found = list(packages())
    assert len(found) > 150
    assert [(p.name, p.licence) for p in found if not is_allowed(p.licence)] == []
    assert [p.name for p in found if not p.reason and not p.required_by] == []


def test_a_licence_that_binds_whoever_uses_it_is_not_allowed() -> None:
    assert not is_allowed("AGPL-3.0-only")
    assert not is_allowed("MIT AND GPL-3.0-or-later")
    assert is_allowed("Artistic License or GPL")
    assert not is_allowed("")
