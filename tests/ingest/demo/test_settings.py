"""The source settings fit the files that the demo writes."""

from __future__ import annotations

import csv
import json
import tomllib
from typing import Any

from tests.ingest.demo.plain import Demo


def settings(demo: Demo, name: str) -> dict[str, Any]:
    text = (demo.folder / "config" / "sources" / f"{name}.toml").read_text("utf-8")
    return tomllib.loads(text)


def paths(mapping: dict[str, Any]) -> list[str]:
    """Every source path that a mapping names."""
    found: list[str] = []
    for source in mapping.values():
        if isinstance(source, dict) and "path" in source:
            found.append(source["path"])
        elif isinstance(source, list):
            found.extend(source)
        elif isinstance(source, str):
            found.append(source)
    return found


def lookup(record: Any, path: str) -> Any:
    for key in path.split("."):
        record = record[key]
    return record


def test_every_inbox_folder_has_settings_and_every_setting_a_folder(demo: Demo) -> None:
    folders = {path.name for path in demo.inbox.iterdir()}
    names = {path.stem for path in (demo.folder / "config" / "sources").iterdir()}
    assert folders == names
    assert all("format" in settings(demo, name) for name in names)


def test_the_gateway_mapping_points_at_fields_that_tagged_records_have(demo: Demo) -> None:
    attribution = settings(demo, "litellm")["attribution"]
    for _, _, text in demo.gateway_lines():
        if '"task_id"' in text and '"variant"' in text:
            record = json.loads(text)
            break
    later = "metadata.usage_object.inference_geo"  # no call is pinned to a region yet
    for path in paths(attribution):
        assert path == later or lookup(record, path), path


def test_the_batch_mapping_points_at_fields_that_records_have(demo: Demo) -> None:
    mapping = settings(demo, "batch-jobs")
    first = next((demo.inbox / "batch-jobs").iterdir()).read_text("utf-8").splitlines()[0]
    record = json.loads(first)
    named = [name for name in paths(mapping["tokens"]) if isinstance(name, str)]
    for path in paths(mapping["fields"]) + named:
        assert lookup(record, path) is not None, path


def test_the_outcome_mappings_know_every_column_and_every_word(demo: Demo) -> None:
    mapping = settings(demo, "outcomes")["fields"]
    words = set()
    for path in (demo.inbox / "outcomes").iterdir():
        with path.open(encoding="utf-8", newline="") as text:
            reader = csv.DictReader(text)
            assert set(paths(mapping)) <= set(reader.fieldnames or ())
            words |= {row["resolution"] for row in reader}
    assert words == set(mapping["outcome"]["values"]) | {"waiting"}
    assert mapping["outcome"]["default"] == "pending"


def test_the_review_mapping_points_at_fields_that_reviews_have(demo: Demo) -> None:
    mapping = settings(demo, "reviews")["fields"]
    verdicts = set()
    for path in (demo.inbox / "reviews").iterdir():
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            verdicts.add(record["verdict"])
            for name in paths(mapping):
                lookup(record, name)
    assert verdicts == set(mapping["outcome"]["values"])


def test_the_price_overrides_have_the_agreed_header(demo: Demo) -> None:
    with (demo.folder / "config" / "prices.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    assert list(rows[0]) == [
        "provider",
        "model",
        "service_tier",
        "token_class",
        "usd_per_mtok",
        "valid_from",
        "valid_to",
        "min_input_tokens",
        "note",
    ]
    assert {row["token_class"] for row in rows} == {"input_uncached", "cache_read", "output"}
