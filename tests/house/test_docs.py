"""Docs are tested: what a user can type, set or query is found in a README."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
from dbt.contracts.graph.manifest import Manifest

from tests.conftest import REPOSITORY
from tests.dashboards import picture
from tests.house import reference
from tests.house.project import ROOMS, models, own_files

TEMPLATE = Path("pipelines") / "workspace" / "templates" / "outlay.toml"

WITHOUT_README = {"tests"}
"""`tests/story` has one; what the other rooms of tests prove, their names say."""

MOST_WORDS = 900

LINKED = [
    page
    for page in sorted(REPOSITORY.rglob("*.md"))
    if not {"data", "target"} & set(page.relative_to(REPOSITORY).parts)
    and not page.relative_to(REPOSITORY).parts[0].startswith(".venv")
]

CONTESTED = (
    "cost_per_success_usd", "status", "estimate_usd", "charge_usd", "reported_usd", "waste_usd",
    "loop_depth", "gateway_cache_hit_ratio", "provider_cache_hit_ratio", "cache_saving_usd",
    "avoided_usd", "gap_usd", "is_settled", "unattributed_usd", "unallocated_usd",
    "duplicates_dropped", "Model tier", "Allocated charge", "Money types", "Two calendars",
    "x_estimated_cost_usd", "is_breakdown",
)  # fmt: skip
"""What people argue about; each is a title of DECISIONS.md."""


def documentation() -> str:
    pages = [REPOSITORY / "README.md", *sorted(REPOSITORY.glob("*/README.md"))]
    pages += sorted(REPOSITORY.glob("*/reference.md"))
    return "\n".join(page.read_text() for page in pages if page.exists())


def mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) is not None


def test_every_room_has_a_readme() -> None:
    rooms = [room for room in ROOMS if room not in WITHOUT_README]
    assert [room for room in rooms if not (REPOSITORY / room / "README.md").exists()] == []


def test_every_mart_and_report_is_named_in_a_readme(manifest: Manifest) -> None:
    text = documentation()
    names = [node.name for node in models(manifest, "marts", "reports")]
    assert [name for name in names if not mentions(text, name)] == []


def test_every_variable_of_the_models_has_its_decision_or_readme() -> None:
    project = (REPOSITORY / "dbt_project" / "dbt_project.yml").read_text()
    variables = re.findall(r"^  (\w+): ", project.split("\nvars:\n")[1].split("\nmodels:")[0], re.M)
    assert len(variables) >= 6
    text = documentation() + (REPOSITORY / "dbt_project" / "DECISIONS.md").read_text()
    assert [name for name in variables if not mentions(text, name)] == []


def test_every_decision_has_its_four_parts_and_is_named_after_columns(manifest: Manifest) -> None:
    sections = (REPOSITORY / "dbt_project" / "DECISIONS.md").read_text().split("\n## ")[1:]
    columns = {name for node in models(manifest, "marts", "reports") for name in node.columns}
    for section in sections:
        title = section.partition("\n")[0]
        for part in ("**Rule.**", "**Why.**", "**Example.**", "**Does not claim.**"):
            assert section.count(part) == 1, f"{title}: {part}"
        named = {word for word in re.split(r", | and ", title) if "_" in word}
        assert named <= columns, title
    titles = " ".join(section.partition("\n")[0] for section in sections)
    assert [name for name in CONTESTED if not mentions(titles, name)] == []


def test_every_command_of_outlay_is_in_a_readme() -> None:
    typer = importlib.import_module("typer.main")
    app = importlib.import_module("pipelines.cli.app").app
    commands = sorted(typer.get_command(app).commands)
    assert commands
    text = documentation()
    assert [name for name in commands if f"outlay {name}" not in text] == []


def test_every_setting_of_the_workspace_is_in_a_readme() -> None:
    template = (REPOSITORY / TEMPLATE).read_text()
    settings = re.findall(r"^\[?([a-z][a-z_]*)(?:\]| =)", template, re.MULTILINE)
    assert settings
    text = documentation()
    assert [name for name in settings if not mentions(text, name)] == []


def test_the_generated_pages_are_what_the_code_says(manifest: Manifest) -> None:
    stale = [
        path.as_posix()
        for path, content in reference.pages(manifest).items()
        if (REPOSITORY / path).read_text() != content
    ]
    assert stale == [], "run `make reference`"


def test_the_readme_is_read_in_a_minute() -> None:
    text = (REPOSITORY / "README.md").read_text()
    assert len(text.split()) <= MOST_WORDS
    assert len(re.findall(r"^\|[-|]+\|$", text, re.M)) <= 2, "two tables: the rest is reference"
    assert re.search(r"!\[.+\]\(dashboards/overview\.png\)", text)


def test_the_picture_of_the_readme_is_one_of_the_page() -> None:
    """A PNG says its size in its first chunk."""
    content = (REPOSITORY / "dashboards" / "overview.png").read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert tuple(int.from_bytes(content[i : i + 4]) for i in (16, 20)) == picture.SIZE
    assert len(content) < 300_000


@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)
    assert broken == []


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_no_page_or_docstring_cites_a_file_that_the_repository_does_not_hold() -> None:
    cites = re.compile(r"\b(formats|design|samples)/[\w/]+\.md")
    found = [
        path.as_posix()
        for path in own_files(".py", ".sql", ".yml", ".md", ".toml")
        if cites.search((REPOSITORY / path).read_text())
    ]
    assert found == []
