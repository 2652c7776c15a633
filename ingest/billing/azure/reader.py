"""Azure cost exports of an Enterprise or Customer Agreement: ActualCost or AmortizedCost.

CSV (also gzipped) and Parquet. Source: microsoft/finops-toolkit, export schemas and samples,
2026-09. All lines of a bill load, of Azure OpenAI and Foundry or not. Typing happens in DuckDB with
bounded memory; only the distinct meters, which a price list bounds, are read in Python.

- **One dataset.** A source reads ActualCost or AmortizedCost, never both (`files.py`).
  `billed_cost` is the cost that the export states: in AmortizedCost a prepayment spread over days,
  so that its sum is not the invoice.
- **What replaces what.** A run of an export replaces account, billing period and subscription
  whole; a file alone replaces them day by day. `x_delivery` is the run without the part's number,
  `x_as_of` its manifest's time or a YYYYMMDDhhmm in the path.
- **Quantities.** `pricing_quantity` counts UnitOfMeasure (`1K`); of token meters,
  `consumed_quantity` counts tokens. A meter that is not understood keeps its cost and no model.
- **Provider.** `azure.ai.openai` for model services, `azure` for the rest of the bill.
- **source_line.** The line in which a record begins (Parquet: the record's number).
- **Decimals.** More than 12 are rounded half-even to 12 (quantities: 9).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from ingest.billing.azure.columns import (
    DATES,
    METER_TEXTS,
    PERIOD,
    WORKING_COLUMNS,
    resolve,
    typing_sql,
)
from ingest.billing.azure.files import OneDataset
from ingest.billing.azure.models import parse_meter
from ingest.billing.export_files.date_order import settle_date_order
from ingest.billing.export_files.deliveries import BILLING_PERIOD, DAY, azure_delivery
from ingest.billing.export_files.manifests import MANIFEST_SUFFIX, ExportManifests
from ingest.billing.export_files.staging import StagingTables, null_safe_join, stage_charges
from ingest.billing.export_files.tabular import SUFFIXES, broken_lines, open_text
from ingest.records.format import Format, InputFile, Refusal, SourceConfig, Staged

_METER_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in METER_TEXTS),
        ("is_model_service", pa.bool_()),
        *((name, pa.string()) for name in ("model", "token_class", "service_tier", "cost_type")),
        ("block", pa.int64()),
        ("scope", pa.string()),
        ("context", pa.string()),
    ]
)


def read(
    con: duckdb.DuckDBPyConnection, files: Sequence[InputFile], config: SourceConfig
) -> Iterator[Staged | Refusal]:
    """Stage the charges of Azure cost exports.

    Raises:
        ConfigError: the setting `dataset` is unknown.
        SourceFileError: a file is damaged, empty, no cost export, or of the other dataset.
    """
    dataset = OneDataset(con, config)
    yield from stage_charges(con, files, lambda staging: _charges(staging, dataset, config))


def _charges(staging: StagingTables, dataset: OneDataset, config: SourceConfig) -> str:
    """Type one file's records and return the query of its charges."""
    file = staging.file
    scan = open_text(staging.con, file)
    found, delivery = resolve(file, scan.columns), azure_delivery(file)
    dates = [found[name] for name in DATES if name in found]
    span = (delivery.first_day, delivery.last_day)
    settle_date_order(staging.con, file, scan, dates, config, span)
    rows = staging.rows(scan, typing_sql(scan, found))
    dataset.check(file, rows)
    meters = staging.lookup_table(
        "meters", rows, METER_TEXTS, lambda *texts: vars(parse_meter(*texts)), _METER_SCHEMA
    )
    restates = delivery.restates(config, (BILLING_PERIOD, DAY))
    return f"""
        select
            {file.file_id}::bigint as file_id,
            r.record + {scan.first_line - 1} as source_line,
            {delivery.columns()},
            {delivery.scope(restates, f"r.{PERIOD}", "r.billing_period_start")} as x_scope,
            {_MEANING},
            r.* exclude ({", ".join(WORKING_COLUMNS)})
        from {rows} as r
        left join {meters} as m on {null_safe_join(METER_TEXTS, "m")}
        {broken_lines(scan)}
    """


_MEANING = """
    case when m.is_model_service then 'azure.ai.openai' else 'azure' end as x_provider,
    case when m.is_model_service then 'AI and Machine Learning' end as service_category,
    m.model as x_model,
    m.token_class as x_token_class,
    m.service_tier as x_service_tier,
    case when r.charge_category <> 'Usage' then lower(r.charge_category) else m.cost_type end
        as x_cost_type,
    (r.exact_quantity * m.block::decimal(10, 0))::decimal(28, 9) as consumed_quantity,
    case when r.pricing_quantity is not null and m.block is not null then 'Tokens' end
        as consumed_unit,
    case when m.scope is not null or m.context is not null then json_merge_patch(
        '{}',
        json_object('x_DeploymentScope', m.scope, 'x_ContextBand', m.context)
    )::varchar end as sku_price_details
"""
"""What the meter adds to its row; m is the meter, r the row."""


FORMAT = Format(
    name="azure",
    title="Azure cost exports (EA and MCA; ActualCost or AmortizedCost), CSV or Parquet",
    suffixes=(*SUFFIXES, MANIFEST_SUFFIX),
    read=read,
    folder_is_delivery=True,
    manifests=ExportManifests(),
    options=("dataset", "restates", "date_order"),
)
"""Settings: `dataset`, `actual` or `amortized`; without it the folder's first file decides.
`restates`, `billing_period` or `day`: what a newer delivery replaces. `date_order`, `month_first`
or `day_first`: of dates with slashes that can be read both ways."""
