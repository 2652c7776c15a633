"""What a workspace's configuration says, as facts that may be written down and compared.

A row of a CSV, a key of a settings file and a price of the book are one fact each, as JSON. Keys
and users that rules name, and values in the settings of sources, which may name accounts and
addresses, stand there as hashes. Their key is the ledger's own: no pseudonym of the lake is among
them, so a rotation of the salt neither changes them nor leaves anything behind.
"""

from __future__ import annotations

import csv
import hmac
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ingest.contracts.credentials import hide_credentials
from ingest.errors import ConfigError
from ingest.prices.overrides import PRICES as OWN_PRICES
from ingest.prices.tools import TOOL_PRICES
from ingest.records.csv_records import separator
from ingest.reference.charging.attribution import ATTRIBUTION_RULES, without_names
from ingest.reference.charging.budgets import BUDGETS
from ingest.reference.charging.fx_rates import FX_RATES
from ingest.reference.charging.invoices import INVOICES
from ingest.reference.guardrails.experiments import EXPERIMENTS
from ingest.reference.guardrails.incident_marks import INCIDENT_MARKS
from ingest.reference.guardrails.limits import LIMITS, without_name
from ingest.reference.guardrails.owners import OWNERS
from ingest.reference.guardrails.planned_events import PLANNED_EVENTS
from ingest.reference.keys import KEY_ALIASES
from ingest.reference.log_storage import LOG_STORAGE
from pipelines.config_history.file_names import refuse_unread_files
from pipelines.dbt_models.build import definitions_fingerprint
from pipelines.workspace.paths import Workspace
from pipelines.workspace.secret_files import new_salt, write_secret
from pipelines.workspace.settings import Settings

PRICES, RULES, RECORDS = "prices", "rules", "records"
"""What a file decides: what a unit costs, or who pays and how; records come in month by month."""

BOOK = "genai-prices"
DEFINITIONS = "outlay"
"""What the version of a package decides: the public price book, Outlay's own models."""


_SCOPES: Mapping[str, str] = {
    OWN_PRICES.file: PRICES,
    TOOL_PRICES.file: PRICES,
    BOOK: PRICES,
    FX_RATES.file: RECORDS,
    BUDGETS.file: RECORDS,
    INVOICES.file: RECORDS,
    OWNERS.file: RECORDS,
    PLANNED_EVENTS.file: RECORDS,
    INCIDENT_MARKS.file: RECORDS,
    EXPERIMENTS.file: RECORDS,
    LIMITS.file: RECORDS,
    LOG_STORAGE.file: RECORDS,
    KEY_ALIASES.file: RECORDS,
}
"""Every other file is a rule."""

Facts = tuple[str, ...]
Hide = Callable[[str], str]


@dataclass(frozen=True)
class ConfigFile:
    """One file, or package, as it stands now.

    Attributes:
        name: path in the workspace, or name of the package.
        version: changes whenever the facts or their order do.
        facts: gives the facts; asked for only when the version is new.
    """

    name: str
    version: str
    facts: Callable[[], Facts]

    @property
    def scope(self) -> str:
        """What the file decides: `prices`, `rules` or `records`."""
        return _SCOPES.get(self.name, RULES)


def config_snapshot(workspace: Workspace, settings: Settings) -> list[ConfigFile]:
    """Everything that decides what a run computes from the same data, by name.

    Args:
        workspace: its `config/` is read.
        settings: as in force, environment variables included.

    Raises:
        ConfigError: a rule of attribution is not readable, so the keys in it cannot be hidden; or
            a file has a name that nobody reads.
    """
    from ingest.prices import history, lookup  # slow: they load the price book

    refuse_unread_files(workspace.config)
    hide = _hiding(workspace.ledger / "key")
    known: list[tuple[str, Facts]] = [("outlay.toml", tuple(_settings_facts(settings)))]
    for path in sorted(workspace.config.glob("*.csv")):
        known.append((f"config/{path.name}", tuple(_csv_facts(path, hide))))
    for path in sorted(workspace.sources_dir.glob("*.toml")):
        known.append((f"config/sources/{path.name}", tuple(_source_facts(path, hide))))
    files = [_file(name, facts) for name, facts in known if facts]
    files.append(ConfigFile(BOOK, version_of((lookup.BOOK_SOURCE,)), history.book_facts))
    files.append(ConfigFile(DEFINITIONS, definitions_fingerprint(), tuple))
    return sorted(files, key=lambda file: file.name)


def in_words(name: str) -> str:
    """What a name of the configuration stands for, where it is no file."""
    return {
        BOOK: f"the public price book ({BOOK})",
        DEFINITIONS: "Outlay itself (another version)",
    }.get(name, name)


def config_version(files: Sequence[ConfigFile]) -> str:
    """One word for a whole configuration: two runs under the same one differ in their data only."""
    return version_of(tuple(f"{file.name} {file.version}" for file in files))


def version_of(facts: Facts) -> str:
    """Hash of facts in their order."""
    return sha256("\n".join(facts).encode()).hexdigest()[:16]


def _file(name: str, facts: Facts) -> ConfigFile:
    return ConfigFile(name, version_of(facts), lambda: facts)


def _settings_facts(settings: Settings) -> Iterator[str]:
    stated = settings.model_dump(mode="json", exclude={"salt"})
    for key, value in _leaves(stated):
        yield as_fact({"key": key, "value": value})


def _csv_facts(path: Path, hide: Hide) -> Iterator[str]:
    """The rows that hold something, their empty cells left out: a new empty column says nothing."""
    name = f"config/{path.name}"
    if name == ATTRIBUTION_RULES.file:
        for row in ATTRIBUTION_RULES.cells(path):
            yield as_fact({**dict(row.cells), "when": without_names(row, hide)})
        return
    if name == LIMITS.file:
        for row in LIMITS.cells(path):
            yield as_fact({**dict(row.cells), "member": without_name(row, hide)})
        return
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            delimiter = separator(stream.readline())
            stream.seek(0)
            header, *rows = list(csv.reader(stream, delimiter=delimiter)) or [[]]
    except UnicodeDecodeError as error:
        raise ConfigError(name, "encoding", "save the file as UTF-8") from error
    for cells in rows:
        columns = [*header, *(f"column {n + 1}" for n in range(len(header), len(cells)))]
        if any(cell.strip() for cell in cells):
            yield as_fact(dict(zip(columns, cells, strict=False)))


def _source_facts(path: Path, hide: Hide) -> Iterator[str]:
    for key, value in _leaves(tomllib.loads(path.read_text(encoding="utf-8"))):
        yield as_fact({"key": key, "value_hash": hide(json.dumps(value, default=str))})


def _hiding(key_file: Path) -> Hide:
    """A keyed hash of a text; the key is made when there is none."""
    if not key_file.exists():
        write_secret(key_file, new_salt())
    key = key_file.read_bytes().strip()
    return lambda text: hmac.new(key, text.encode(), "sha256").hexdigest()[:16]


def _leaves(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in sorted(table.items()):
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def as_fact(parts: Mapping[str, Any]) -> str:
    """JSON of what is not empty, without what looks like a credential."""
    stated = {
        name.strip(): hide_credentials(value.strip()) if isinstance(value, str) else value
        for name, value in parts.items()
        if value not in (None, "")
    }
    return json.dumps(stated, ensure_ascii=False, default=str)
