"""Following what a failed file's message says makes it load, or takes it out: each is tried.

What is no file (pipes, links, names) is cured in `test_one_bad_file.py`, deliveries of clouds in
`tests/ingest/billing/export_files`.
"""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.records import file_bytes, limits
from tests.ingest.billing.aws.cur_lines import cur2_csv
from tests.ingest.billing.aws.cur_lines import line as aws_line
from tests.ingest.billing.azure.bills import export as azure_csv
from tests.ingest.billing.azure.bills import line as azure_line
from tests.ingest.billing.gcp.rows import as_csv as gcp_csv
from tests.ingest.billing.gcp.rows import row as gcp_row
from tests.ingest.lake.test_landing import MAPPING, call, lines
from tests.support.lake import Lake

Cure = Callable[[Lake, Path], object]

LOG = lines(call(1))
FOCUS = (
    "BilledCost,BillingCurrency,ChargeCategory,ChargePeriodStart,ProviderName\n"
    "1,USD,Usage,2026-10-01T00:00:00Z,Acme\n"
)
CSV_MAPPING = {**MAPPING, "file_type": "csv"}
CSV_LOG = "id,ts,model,task,in,out\nc1,2026-10-01T12:00:00Z,gpt-4.1,t1,100,10\n"


def page(*organizations: str | None, currency: str = "usd") -> str:
    """A page of the OpenAI costs API: a dollar of each organization."""
    results = [
        {
            "object": "organization.costs.result", "line_item": f"gpt-4.1 {number}, input",
            "amount": {"value": 1.0, "currency": currency if number else "usd"},
            "project_id": None, "organization_id": organization,
        }
        for number, organization in enumerate(organizations)
    ]  # fmt: skip
    bucket = {
        "object": "bucket", "start_time": 1790812800, "end_time": 1790899200, "results": results,
    }  # fmt: skip
    return json.dumps({
        "request": {"path": "/v1/organization/costs", "params": {"group_by": ["line_item"]}},
        "fetched_at": "2026-10-04T06:00:00Z",
        "response": {"object": "page", "data": [bucket], "has_more": False},
    })  # fmt: skip


def parquet(csv: str) -> bytes:
    """The rows of a CSV, all of them text."""
    header, *rows = (line.split(",") for line in csv.splitlines())
    buffer = io.BytesIO()
    pq.write_table(pa.table(dict(zip(header, zip(*rows, strict=True), strict=True))), buffer)
    return buffer.getvalue()


PARQUET = parquet(FOCUS)


def delivered(content: str | bytes) -> Cure:
    """The file again, as it should be."""
    return lambda lake, path: lake.drop(
        path.relative_to(lake.paths.inbox / lake.source).as_posix(), content
    )


def renamed(name: str) -> Cure:
    def rename(lake: Lake, path: Path) -> None:
        target = lake.paths.inbox / lake.source / name
        target.parent.mkdir(exist_ok=True)
        path.rename(target)

    return rename


def moved_to(format_name: str) -> Cure:
    """Into the folder of another source, which reads it."""

    def move(lake: Lake, path: Path) -> None:
        other = Lake(lake.root, "other", format_name)
        other.drop(path.name, path.read_bytes())
        path.unlink()
        report = other.land()
        assert (report.failed, report.files_new) == ([], 1)

    return move


def set_to(**options: Any) -> Cure:
    """Another setting of the source, which reads its files again."""

    def edit(lake: Lake, _: Path) -> None:
        lake.options = {**lake.options, **options}
        lake.fingerprint = "v2"

    return edit


def removed(_: Lake, path: Path) -> None:
    path.unlink()


@dataclass(frozen=True)
class Case:
    """A file that fails, what is said of it, and what is then done.

    Attributes:
        loads: whether the source has rows of it afterwards.
    """

    format: str
    name: str
    content: str | bytes
    said: str
    cure: Cure
    options: Mapping[str, Any] = field(default_factory=dict)
    loads: bool = True


CASES = {
    "an empty file": Case(
        "mapped", "a.jsonl", "", "the file is empty: no data returned", delivered(LOG), MAPPING
    ),
    "an empty file is taken away": Case(
        "mapped", "a.jsonl", "", "the file is empty: no data returned", removed, MAPPING,
        loads=False,
    ),
    "a file of another kind": Case(
        "mapped", "a.txt", LOG, "or name it by what it holds", renamed("a.jsonl"), MAPPING
    ),
    "a ZIP archive": Case(
        "focus", "a.zip", b"PK\x03\x04", "unpack it in its place and delete it",
        lambda lake, path: (removed(lake, path), lake.drop("a.csv", FOCUS)),
    ),
    "gzip that is cut off": Case(
        "mapped", "a.jsonl.gz", gzip.compress(LOG.encode())[:-12], "copy it again",
        delivered(gzip.compress(LOG.encode())), MAPPING,
    ),
    "a header that is not UTF-8": Case(
        "mapped", "a.csv", CSV_LOG.replace("task", "t\xe9").encode("latin-1"),
        "is not UTF-8 text; export it again", delivered(CSV_LOG), CSV_MAPPING,
    ),
    "a column that the mapping reads": Case(
        "mapped", "a.csv", CSV_LOG.replace("model", "engine"),
        "the mapping reads column 'model', which this file does not have",
        set_to(fields={**MAPPING["fields"], "request_model": "engine"}), CSV_MAPPING,
    ),
    "no Parquet file": Case(
        "focus", "a.parquet", "PAR0", "is not a readable Parquet file; it may have been cut short,"
        " copy it again", delivered(PARQUET),
    ),
    "FOCUS without a column": Case(
        "focus", "a.csv", FOCUS.replace("BilledCost", "Cost"),
        "is not a FOCUS Cost and Usage file: no column BilledCost", delivered(FOCUS),
    ),
    "FOCUS without rows": Case(
        "focus", "a.csv", FOCUS.splitlines()[0] + "\n", "deliver the export again when it has some",
        delivered(FOCUS),
    ),
    "FOCUS among AWS reports": Case(
        "aws_cur", "a.csv", FOCUS, 'put it in a folder with format = "focus"', moved_to("focus"),
        loads=False,
    ),
    "FOCUS among Azure exports": Case(
        "azure", "a.csv", FOCUS, 'read it from a source with format = "focus"',
        moved_to("focus"), loads=False,
    ),
    "an AWS report without a column": Case(
        "aws_cur", "a.csv", cur2_csv(aws_line()).replace("line_item_unblended_cost", "cost"),
        "select it in the data export", delivered(cur2_csv(aws_line())),
    ),
    "an Azure export without a column": Case(
        "azure", "a.csv", "Date,Meter\n2026-10-01,x\n",
        "is not an Azure cost export: no column", delivered(azure_csv(azure_line())),
    ),
    "a Google export without a column": Case(
        "gcp", "a.csv", "service,cost\nx,1\n", "export the table with all its columns",
        delivered(gcp_csv(gcp_row())),
    ),
    "a page that is cut off": Case(
        "openai", "a.json", page(None)[:-9], "it may have been cut short, fetch the page again",
        delivered(page(None)),
    ),
    "pages behind each other": Case(
        "openai", "a.json", page(None) + "\n" + page(None).replace("1790812800", "1790899200")
        .replace('"end_time": 1790899200', '"end_time": 1790985600'),
        "name a file of one page per line .jsonl", renamed("a.jsonl"),
    ),
    "an empty page": Case(
        "openai", "a.json", " ", "the file is empty", delivered(page(None)),
    ),
    "a page of another organization": Case(
        "openai", "a.json", page("org-b"), "or correct `account`", set_to(account="org-b"),
        {"account": "org-a"},
    ),
    "a page of another organization is moved": Case(
        "openai", "a.json", page("org-b"), "move it to that organization's inbox folder",
        moved_to("openai"), {"account": "org-a"}, loads=False,
    ),
    "a page of two organizations": Case(
        "openai", "a.json", page("org-a", "org-b"),
        "states several organizations; give each an inbox folder of its own",
        delivered(page("org-a")),
    ),
    "a page of two currencies": Case(
        "openai", "a.json", page(None, None, currency="eur"), "fetch the report again",
        delivered(page(None, None)),
    ),
    "an activity export without a column": Case(
        "openrouter", "a.csv", "date,model\n2026-10-01,a/b\n",
        "export it again from the activity page", removed, loads=False,
    ),
    "an Azure export of the other dataset": Case(
        "azure", "amortized.csv", azure_csv(azure_line()), 'config/sources/test.toml says dataset'
        ' = "actual"', moved_to("azure"), {"dataset": "actual"}, loads=False,
    ),
    "a dashboard export under another name": Case(
        "openai", "a.csv",
        "start_time,end_time,model,input_tokens,num_model_requests\n"
        "1790812800,1790899200,text-embedding-3-small,100,1\n",
        "keep the name that the dashboard gave the file",
        renamed("embeddings_usage_2026-10-01_2026-10-01.csv"),
    ),
    "a Langfuse table without a name": Case(
        "langfuse", "a.jsonl", json.dumps({"id": "o1"}) + "\n", "keep the export's folders",
        renamed("traces/a.jsonl"), loads=False,
    ),
}  # fmt: skip


def test_what_a_gzip_that_grows_without_measure_says_cures_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "HARMLESS_BYTES", 1 << 20)
    lake = Lake(tmp_path, "source", "mapped", MAPPING)
    emptiest = LOG.encode() + b"\n" * (2 << 20)
    packed = lake.drop("a.jsonl.gz", gzip.compress(emptiest))
    assert lake.land().failed == [(packed.name, file_bytes.EXPANDS)]
    packed.unlink()
    lake.drop("a.jsonl", emptiest)  # "deliver it unpacked"
    report = lake.land()
    assert (report.failed, report.rows_loaded) == ([], 1)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_a_failed_file_says_cures_it(tmp_path: Path, case: Case) -> None:
    lake = Lake(tmp_path, "source", case.format, dict(case.options))
    path = lake.drop(case.name, case.content)
    ((file, reason),) = lake.land().failed
    assert file == case.name
    assert case.said in reason
    case.cure(lake, path)
    report = lake.land()
    assert report.failed == []
    assert (report.files_new > 0) == (case.loads or case.format == "langfuse")
    loaded = lake.catalog(
        "select sum(rows_loaded) from files where source_name = 'source' and status = 'loaded'"
    )
    assert (loaded != [(None,)] and loaded != [(0,)]) == case.loads
