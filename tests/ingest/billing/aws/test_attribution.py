"""Whose an AWS charge is: tags, cost categories, IAM principals. Lines are generated."""

import csv
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest.billing.aws.reader import FORMAT
from ingest.records.format import InputFile
from tests.ingest.billing.aws.cur_lines import cur2_csv, cur2_parquet, legacy_csv, line

Lay = Callable[..., InputFile]
Stage = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def staged(as_file: Lay, stage: Stage) -> Stage:
    """Return a function that stages lines as a CUR 2.0 CSV."""

    def run(*lines: dict[str, Any]) -> list[dict[str, Any]]:
        return stage(FORMAT, as_file(cur2_csv(*lines), "cur.csv"))

    return run


def test_tags_are_one_object_in_every_form_of_the_report(
    as_file: Lay, stage: Stage, tmp_path: Path
) -> None:
    tagged = line(resource_tags={"user_team": "search", "empty": ""}, cost_category={"Unit": "R&D"})
    legacy = line(resource_tags={"team": "search", "empty": ""}, cost_category={"Unit": "R&D"})
    for file in (
        as_file(cur2_csv(tagged), "two.csv"),
        as_file(cur2_parquet(tmp_path / "two.parquet", tagged)),
        as_file(legacy_csv(legacy), "legacy.csv"),
    ):
        (row,) = stage(FORMAT, file)
        assert json.loads(row["tags"]) == {"team": "search", "costCategory/Unit": "R&D"}


def test_tags_that_differ_in_case_alone_are_two_tags(as_file: Lay, stage: Stage) -> None:
    content = legacy_csv(line(resource_tags={"Team": "a", "team": "b"}))
    (row,) = stage(FORMAT, as_file(content, "legacy.csv"))
    assert json.loads(row["tags"]) == {"Team": "a", "team": "b"}


def test_tags_of_the_tags_column_keep_where_they_come_from(staged: Stage) -> None:
    (row,) = staged(line(tags={"resourceTags/team": "search", "iamPrincipal/owner": "ann"},
                         resource_tags={"user_team": "first"}))  # fmt: skip
    assert json.loads(row["tags"]) == {"team": "first", "iamPrincipal/owner": "ann"}


def test_a_line_without_tags_has_none(staged: Stage) -> None:
    assert staged(line())[0]["tags"] is None


def test_the_published_lines_with_a_principal_keep_cost_and_principal_apart(
    samples: Path, staged: Stage
) -> None:
    with (samples / "aws" / "bedrock_iam_principal_cur2_excerpt.csv").open(newline="") as stream:
        raw = list(csv.DictReader(stream))
    lines = [line(identity_line_item_id=str(n), **row) for n, row in enumerate(raw)]
    found = staged(*lines)
    spent: dict[str, Decimal] = {}
    for row in found:
        spent[row["x_api_key_id"]] = spent.get(row["x_api_key_id"], Decimal(0)) + row["billed_cost"]
    assert spent == {
        "arn:aws:iam::123456789012:user/alice": Decimal("0.283"),
        "arn:aws:iam::123456789012:user/bob": Decimal("1.188"),
    }
    assert {row["x_model"] for row in found} == {"Claude4.6Sonnet", "Claude4.6Opus"}


def test_the_session_of_a_role_is_a_pseudonym_and_never_an_address(staged: Stage) -> None:
    role = "arn:aws:sts::123456789012:assumed-role/Dev/"
    creator = "AssumedRole:AROAEXAMPLE:ann@example.com"
    ann = line(line_item_iam_principal=role + "ann@example.com",
               resource_tags={"aws_created_by": creator})  # fmt: skip
    bob = line(line_item_iam_principal=role + "bob@example.com", identity_line_item_id="2")
    found = staged(ann, bob, ann | {"identity_line_item_id": "3"})
    principals = [row["x_api_key_id"] for row in found]
    assert principals[0] == principals[2] != principals[1]
    assert all(p.startswith(role) and len(p) == len(role) + 16 for p in principals)
    assert json.loads(found[0]["tags"]) == {"aws_created_by": "AssumedRole:AROAEXAMPLE"}
    assert "example.com" not in str(found)


def test_a_bedrock_api_key_is_named_by_its_user(staged: Stage) -> None:
    key = "arn:aws:iam::123456789012:user/BedrockAPIKey-ab12"
    (row,) = staged(line(line_item_iam_principal=key, line_item_resource_id="arn:profile/x"))
    assert (row["x_api_key_id"], row["resource_id"]) == (key, "arn:profile/x")
