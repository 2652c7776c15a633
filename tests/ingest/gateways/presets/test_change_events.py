"""Changes: a mapping of one's own, git, and the webhooks of GitHub, GitLab and Contentful.

Payloads are those of the vendors' documentation, cut to what stands around what is read.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError
from tests.ingest.gateways.landed import lines
from tests.support.lake import Lake

CHANGED = (
    "select event_id, occurred_at, change_kind, name, version, source_version, environment"
    " from rows order by 1"
)
SECRET = "never in the lake"  # noqa: S105 - what must not leak

GITHUB = {
    "action": "created",
    "deployment_status": {"id": 1115122, "state": "success", "description": SECRET,
                          "created_at": "2026-10-14T09:30:00Z", "environment": "production"},
    "deployment": {"id": 145988746, "sha": "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
                   "ref": "main", "payload": {"note": SECRET}, "environment": "production"},
    "repository": {"id": 186853002, "full_name": "acme/chat"},
}  # fmt: skip
GITLAB = {
    "object_kind": "deployment", "status": "success",
    "status_changed_at": "2026-10-14 11:30:00 +0200",
    "deployment_id": 15, "environment": "staging", "short_sha": "279484c0",
    "project": {"id": 30, "path_with_namespace": "acme/chat"}, "commit_title": SECRET,
}  # fmt: skip
CONTENTFUL = {
    "sys": {"type": "Entry", "id": "refunds", "revision": 7,
            "publishedAt": "2026-10-14T09:30:00.000Z",
            "environment": {"sys": {"type": "Link", "linkType": "Environment", "id": "master"}}},
    "fields": {"body": {"en": SECRET}},
}  # fmt: skip
GIT = {"sha": "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
       "committed_at": "2026-10-14T11:30:00+02:00", "refs": "tag: v1.4"}  # fmt: skip
AT = datetime(2026, 10, 14, 9, 30)

READ: dict[str, tuple[list[dict[str, Any]], list[tuple[Any, ...]]]] = {
    "github_deployments": (
        [GITHUB, GITHUB | {"deployment_status": {"state": "pending"}}, {"zen": "Keep it simple."}],
        [("145988746", AT, "deploy", "acme/chat", GITHUB["deployment"]["sha"], None,  # type: ignore[index]
          "production")],
    ),
    "gitlab_deployments": (
        [GITLAB, GITLAB | {"status": "running"}],
        [("15", AT, "deploy", "acme/chat", "279484c0", None, "staging")],
    ),
    "contentful_publications": (
        [CONTENTFUL, {"sys": {"type": "Asset", "id": "logo"}}],
        [("refunds/7", AT, "publish", "refunds", None, "7", "master")],
    ),
    "git_log": ([GIT], [(GIT["sha"], AT, "deploy", "tag: v1.4", GIT["sha"], None, None)]),
}  # fmt: skip


@pytest.mark.parametrize("preset", READ)
def test_a_change_is_read_without_a_word_of_what_it_says(preset: str, tmp_path: Path) -> None:
    records, expected = READ[preset]
    lake = Lake(tmp_path, "releases", preset)
    lake.drop("a.jsonl", lines(*records))
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (1, 0, [])
    assert lake.rows(CHANGED, "change_events") == expected


MAPPING = {
    "file_type": "csv",
    "fields": {
        "event_id": "id", "occurred_at": {"path": "at", "zone": "Europe/Berlin"},
        "change_kind": {
            "path": "what", "values": {"release": "deploy", "prompt": "prompt_version"},
        },
        "name": "name", "version": "version", "feature": "feature",
    },
}  # fmt: skip


def test_a_table_of_changes_is_read_by_a_mapping_and_what_is_wrong_is_set_aside(
    tmp_path: Path,
) -> None:
    lake = Lake(tmp_path, "changes", "change_events", MAPPING)
    lake.drop("a.csv", (
        b"id,at,what,name,version,feature\n"
        b"1,2026-10-14 11:30:00,prompt,answers,v7,chat\n"
        b"2,2026-10-14 11:30:00,party,summer,,\n"
        b"3,soon,release,api,1.2,\n"
    ))  # fmt: skip
    report = lake.land()
    assert (report.rows_loaded, report.rows_quarantined, report.failed) == (1, 2, [])
    assert lake.rows(CHANGED, "change_events") == [
        ("1", AT, "prompt_version", "answers", "v7", None, None)
    ]
    assert {field for (field,) in lake.catalog("select field from quarantine")} == {
        "fields.change_kind", "fields.occurred_at",
    }  # fmt: skip


def test_a_mapping_of_changes_has_no_tokens(tmp_path: Path) -> None:
    lake = Lake(tmp_path, "changes", "change_events", MAPPING | {"tokens": {"input": "n"}})
    lake.drop("a.csv", b"id,at,what,name,version,feature\n")
    with pytest.raises(ConfigError, match="change_events has none; remove this section"):
        lake.land()
