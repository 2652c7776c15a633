"""Each page by axe-core, the engine of accessibility audits: nothing serious, dark or light."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from dashboards.site import PAGES
from tests.support.browser import find_browser
from tests.support.live_page import Tab, open_tab

AXE = files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")

RUN = """
axe.run(document, {resultTypes: ["violations"]}).then(found => JSON.stringify(
  found.violations.map(v => [v.impact, v.id, v.nodes.map(n => n.html.slice(0, 200)).slice(0, 3)])))
"""

SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with open_tab(find_browser(), tmp_path_factory.mktemp("axe")) as opened:
        yield opened


def found(tab: Tab) -> list[Any]:
    """What axe finds: how bad it is, which rule, and where."""
    tab.value(f"{AXE}; 0")
    violations: list[Any] = json.loads(tab.value(RUN))
    return violations


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(tab: Tab, handful_site: Path, name: str, scheme: str) -> None:
    tab.prefer(scheme)
    tab.open((handful_site / name).as_uri())
    assert [one for one in found(tab) if one[0] in SERIOUS] == []


def test_axe_finds_what_is_wrong(tab: Tab, tmp_path: Path) -> None:
    body = "<p style='color: #aaa; background: #fff'>pale</p><select></select>"
    (tmp_path / "wrong.html").write_text(f"<html><body>{body}</body></html>")
    tab.prefer("light")
    tab.open((tmp_path / "wrong.html").as_uri())
    assert {rule for _, rule, _ in found(tab)} >= {"color-contrast", "html-has-lang", "select-name"}
