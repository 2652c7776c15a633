"""The FOCUS export of the demo, judged by the public validator of FOCUS. Run by `make focus`.

It runs in `.venv-focus`, pinned in `requirements.txt`, with the rules that it carries: FOCUS 1.2.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pipelines.operations.focus_export import FOCUS_VERSIONS, export_focus
from pipelines.run.publish import publish
from pipelines.workspace.paths import Workspace
from tests.conftest import REPOSITORY
from tests.demo.conftest import Published

ENVIRONMENT = REPOSITORY / ".venv-focus"

SUPPORTED = (
    "ACCOUNT_NAMING_SUPPORTED",
    "AVAILABILITY_ZONE_SUPPORTED",
    "BILLING_BASED_ON_PROVISIONED_RESOURCES_SUPPORTED",
    "MULTIPLE_BILLING_ACCOUNT_TYPES_SUPPORTED",
    "MULTIPLE_PRICING_CATEGORIES_SUPPORTED",
    "MULTIPLE_SUB_ACCOUNT_TYPES_SUPPORTED",
    "REGION_SUPPORTED",
    "RESOURCE_TYPE_ASSIGNMENT_SUPPORTED",
    "SUB_ACCOUNT_SUPPORTED",
    "TAGGING_SUPPORTED",
    "USAGE_MEASUREMENT_SUPPORTED",
)
"""What the demo's bills have, and so is asked of them. They state no unit prices and reserve no
capacity, which nobody may make up."""

CONTRADICTORY = frozenset({
    "InvoiceId-C-000-O", "InvoiceId-C-003-C", "InvoiceId-C-004-C", "InvoiceId-C-005-C",
})  # fmt: skip
"""InvoiceId must be null without an invoice and must not be with one: the validator asks both of
every row, and of the rules that are made of the two."""


@pytest.mark.parametrize("version", FOCUS_VERSIONS)
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_export_breaks_no_rule(
    published: Published, tmp_path: Path, version: str, form: str
) -> None:
    exported = Workspace(tmp_path)
    publish(published.workspace.warehouse, exported.showback)
    (file,) = (f.path for f in export_focus(exported, version) if f.path.suffix == f".{form}")
    found = verdicts(file, version)
    assert found["failed"] == CONTRADICTORY
    assert len(found["passed"]) > 200


def verdicts(file: Path, version: str) -> dict[str, set[str]]:
    """Rules of FOCUS by what the validator found of a file."""
    report = file.with_suffix(".xml")
    # it looks for a list of its own below the working directory
    (packages,) = ENVIRONMENT.glob("lib/python3*/site-packages")
    done = subprocess.run(
        [
            ENVIRONMENT / "bin" / "focus-validator", "--block-download",
            "--validate-version", version, "--focus-dataset", "CostAndUsage",
            "--applicability-criteria", ",".join(SUPPORTED),
            "--data-file", file, "--output-type", "unittest", "--output-destination", report,
        ],
        cwd=packages, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert report.is_file(), done.stdout + done.stderr
    found: dict[str, set[str]] = {"passed": set(), "failed": set(), "skipped": set()}
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - written just now
        kinds = Counter(part.tag for part in case)
        kind = "failed" if kinds["failure"] + kinds["error"] else "passed"
        found["skipped" if kinds["skipped"] else kind].add(case.attrib["name"].split(" ")[0])
    return found
