"""Evaluations as the business system and the reviewers write them down."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

from ingest.demo.clock import iso_z, local
from ingest.demo.traffic.outcomes import BUSINESS, Evaluation, label

HEADER = ("ticket_id", "type", "resolution", "closed_at", "customer")

_VERDICTS = {"success": "pass", "failure": "fail"}
_JUDGES = {"model": "answer-judge-2", "human": "quality sample"}


def write_evaluations(inbox: Path, evaluations: Iterable[Evaluation]) -> None:
    """Write one business CSV and one review JSONL per local day, under `outcomes`, `reviews`."""
    by_file: dict[tuple[bool, str], list[Evaluation]] = {}
    for item in evaluations:
        key = (item.evaluator == BUSINESS, local(item.judged_us).date().isoformat())
        by_file.setdefault(key, []).append(item)
    for folder in ("outcomes", "reviews"):
        (inbox / folder).mkdir(parents=True, exist_ok=True)
    for (business, day), items in sorted(by_file.items()):
        items.sort(key=lambda item: (item.judged_us, item.task_id, item.outcome))
        if business:
            path, text = inbox / "outcomes" / f"closed-{day}.csv", _csv(items)
        else:
            path, text = inbox / "reviews" / f"reviews-{day}.jsonl", _jsonl(items)
        path.write_text(text, encoding="utf-8", newline="")


def _csv(items: list[Evaluation]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    for item in items:
        closed = local(item.judged_us).strftime("%Y-%m-%d %H:%M:%S")
        writer.writerow((item.task_id, item.task_type, label(item), closed, item.tenant))
    return text.getvalue()


def _jsonl(items: list[Evaluation]) -> str:
    return "".join(
        json.dumps(
            {
                "at": iso_z(item.judged_us),
                "task": item.task_id,
                "kind": item.task_type,
                "judge": {"type": item.evaluator, "name": _JUDGES[item.evaluator]},
                "verdict": _VERDICTS[item.outcome],
                "score": item.score,
            }
        )
        + "\n"
        for item in items
    )
