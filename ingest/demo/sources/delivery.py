"""How the logs reach the inbox: daily files, and everything that goes wrong on the way."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.demo.clock import day_date
from ingest.demo.sources import batch, edge_gateway, litellm
from ingest.demo.sources.agent_traces import search_line, text_of, trace_line
from ingest.demo.traffic.agents import Trace
from ingest.demo.traffic.calls import Call

IDENTICAL_DAY = 3
"""This day's file is delivered twice under two names, byte for byte the same."""

SPLIT_DAY = 5
"""This day's file comes in two halves."""

MALFORMED_DAY = 7
"""This day's file has three lines that are no calls."""

OVERLAP_DAY, OVERLAP_ROWS = 8, 25
"""This day's file begins with the last rows of the day before, delivered already."""

LATE_FROM, LATE_TO, LATE_ROWS = 20, 80, 40
"""The last rows of day LATE_FROM arrive with the file of day LATE_TO, 60 days later."""

_COMPRESSION = 4
_SOURCES = ("litellm", "batch-jobs", "agents", "help-search", "edge-gateway")


@dataclass
class Delivery:
    """Writes the files of the call sources and counts what it wrote.

    Attributes:
        rows: readable rows written, by source, duplicates included.
        duplicates: of these, rows that repeat a row of another file.
        quarantine: lines that no reader can turn into a call.
        notes: what happened to which file.
        seen_twice: calls that a second gateway logged, too.
    """

    inbox: Path
    days: int
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_SOURCES, 0))
    duplicates: int = 0
    quarantine: list[dict[str, object]] = field(default_factory=list)
    notes: list[dict[str, object]] = field(default_factory=list)
    seen_twice: edge_gateway.SeenTwice = field(default_factory=edge_gateway.SeenTwice)
    _late: list[str] = field(default_factory=list)
    _previous: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make the folders."""
        for source in self.rows:
            (self.inbox / source).mkdir(parents=True, exist_ok=True)

    def late_days(self) -> tuple[int, int]:
        """The day whose last rows come late and the day whose file brings them."""
        return (LATE_FROM, LATE_TO) if self.days > LATE_TO else (1, self.days - 1)

    def gateway_day(self, day: int, calls: Sequence[Call]) -> None:
        """Write the gateway's file or files of UTC day `day`."""
        lines = [litellm.line(call) for call in calls]
        own = lines
        late_from, late_to = self.late_days()
        if day == late_from < late_to:
            own, self._late = lines[:-LATE_ROWS], lines[-LATE_ROWS:]
            self._note("rows_held_back", day, rows=len(self._late))
        elif day == late_to and self._late:
            own = [*lines, *self._late]
            self._note("late_rows", day, rows=len(self._late), of_day=str(day_date(late_from)))
        if day == OVERLAP_DAY:
            repeated = self._previous[-OVERLAP_ROWS:]
            own = [*repeated, *own]
            self.duplicates += len(repeated)
            self._note("overlapping_rows", day, rows=len(repeated))
        self._previous = lines if day == OVERLAP_DAY - 1 else []
        self.rows["litellm"] += len(own)
        if day == MALFORMED_DAY:
            own = self._spoil(day, own)
        self._write_gateway(day, own)

    def batch_day(self, day: int, calls: Sequence[Call]) -> None:
        """Write the batch job log of the night."""
        text = "".join(batch.line(call) + "\n" for call in calls)
        path = self.inbox / "batch-jobs" / f"batch-{day_date(day)}.jsonl"
        path.write_text(text, encoding="utf-8")
        self.rows["batch-jobs"] += len(calls)

    def traced_day(self, day: int, traces: Sequence[Trace], found: Sequence[Call]) -> None:
        """Write the agents' spans and the search service's log."""
        agents, service = self.inbox / "agents", self.inbox / "help-search"
        spans = text_of(trace_line(trace) for trace in traces)
        (agents / f"spans-{day_date(day)}.jsonl").write_text(spans, encoding="utf-8")
        log = text_of(search_line(call) for call in found)
        (service / f"searches-{day_date(day)}.jsonl").write_text(log, encoding="utf-8")
        self.rows["agents"] += sum(len(trace.calls) for trace in traces)
        self.rows["help-search"] += len(found)

    def edge_day(self, day: int, calls: Sequence[Call]) -> None:
        """Write what the second gateway logs of the first one's calls of UTC day `day`."""
        passed = [call for call in calls if edge_gateway.passes(call)]
        for call in passed:
            self.seen_twice.add(call)
        if passed:
            path = self.inbox / "edge-gateway" / f"edge-{day_date(day)}.jsonl"
            path.write_text(text_of(map(edge_gateway.line, passed)), encoding="utf-8")
        self.rows["edge-gateway"] += len(passed)
        self.duplicates += len(passed)

    def _write_gateway(self, day: int, lines: list[str]) -> None:
        name = f"litellm-{day_date(day)}"
        folder = self.inbox / "litellm"
        if day == SPLIT_DAY:
            half = len(lines) // 2
            _write_gzip(folder / f"{name}-part1.jsonl.gz", lines[:half])
            _write_gzip(folder / f"{name}-part2.jsonl.gz", lines[half:])
            self._note("split_in_two", day)
            return
        _write_gzip(folder / f"{name}.jsonl.gz", lines)
        if day == IDENTICAL_DAY:
            _write_gzip(folder / f"{name}-resend.jsonl.gz", lines)
            self.rows["litellm"] += len(lines)
            self.duplicates += len(lines)
            self._note("identical_file", day, rows=len(lines), file=f"{name}-resend.jsonl.gz")

    def _spoil(self, day: int, lines: list[str]) -> list[str]:
        """Insert a cut line, a line that is no JSON, and a record without its time."""
        record = json.loads(lines[-1])
        record |= {"id": "chatcmpl-no-time", "litellm_call_id": "no-time", "startTime": None}
        spoiled = list(lines)
        middle = len(lines) // 2
        spoiled.insert(10, lines[10][: len(lines[10]) // 2])
        spoiled.insert(middle, "<html><body>502 Bad Gateway</body></html>")
        spoiled.append(json.dumps(record, separators=(",", ":")))
        reasons = ("cut off", "not JSON", "startTime is null")
        for number, reason in zip((11, middle + 1, len(spoiled)), reasons, strict=True):
            file = f"litellm-{day_date(day)}.jsonl.gz"
            self.quarantine.append(
                {"source": "litellm", "file": file, "line": number, "reason": reason}
            )
        return spoiled

    def _note(self, what: str, day: int, **more: object) -> None:
        self.notes.append({"what": what, "day": str(day_date(day)), **more})


def _write_gzip(path: Path, lines: Sequence[str]) -> None:
    """Write lines as gzip without name and time, so that equal lines give equal bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile("", "wb", _COMPRESSION, buffer, mtime=0) as packed:
        for start in range(0, len(lines), 500):
            packed.write("".join(f"{line}\n" for line in lines[start : start + 500]).encode())
    path.write_bytes(buffer.getvalue())
