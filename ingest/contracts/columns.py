"""What a canonical column and table are, and the columns that several tables share.

Units stand in the name: `_usd` is US dollars, `_tokens` a count of tokens, `_at` a UTC timestamp.
"""

from __future__ import annotations

from dataclasses import dataclass

MONEY = "DECIMAL(18,9)"
"""One call's money. Narrow, so that sums stay exact and fast (see DECISIONS.md, `Money types`)."""

BILL_MONEY = "DECIMAL(28,12)"
"""One bill line's money: bills state up to twelve decimals and are only ever added."""

QUANTITY = "DECIMAL(28,9)"
"""A billed or consumed quantity (tokens, requests, hours)."""


def digits_of(decimal_type: str) -> tuple[int, int]:
    """Precision and scale of a type such as `DECIMAL(18,9)`."""
    precision, scale = decimal_type.removeprefix("DECIMAL(").rstrip(")").split(",")
    return int(precision), int(scale)


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    Attributes:
        name: snake_case name, the same in the lake, `raw` and the marts.
        type: DuckDB type.
        doc: meaning, with its unit.
        required: a row without it is quarantined.
        allowed: the values a text column may take; a row with another one is quarantined.
        non_negative: a row with a negative value is quarantined.
    """

    name: str
    type: str
    doc: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    non_negative: bool = False


@dataclass(frozen=True)
class Table:
    """A canonical table: its grain, the standard that names its columns, and its columns.

    Attributes:
        day_from: the timestamp column whose UTC date is the row's lake partition.
        is_counted: its rows are what a file brought; false of what only stands beside them.
        is_daily: a day without a row is a day without news; false of what comes now and then, and
            may be announced: its days say nothing of how fresh a source is.
    """

    name: str
    grain: str
    standard: str
    day_from: str
    columns: tuple[Column, ...]
    is_counted: bool = True
    is_daily: bool = True

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns in their declared order."""
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError when the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")


PROVENANCE: tuple[Column, ...] = (
    Column("source_name", "VARCHAR", "Inbox folder the row came from.", required=True),
    Column("source_file", "VARCHAR", "Path of the file below the inbox folder.", required=True),
    Column("source_line", "BIGINT", "Line (or record number) in that file, from 1.", required=True),
    Column("file_id", "BIGINT", "The file's number in ops.files.", required=True),
)
"""Columns that landing adds in front of every canonical row."""

ATTRIBUTION: tuple[Column, ...] = (
    Column("tenant_id", "VARCHAR", "Customer the work was done for."),
    Column("feature", "VARCHAR", "Product feature that made the call."),
    Column("task_type", "VARCHAR", "Kind of task, for example `support_ticket`."),
    Column("prompt_version", "VARCHAR", "Version of the prompt in use."),
    Column("user_id", "VARCHAR", "Pseudonym of the end user: salted hash, never the raw id."),
    Column("api_key_id", "VARCHAR", "Pseudonym of the key: salted hash, never the raw key."),
    Column("team", "VARCHAR", "Team that the record names: the team tag of the warehouse."),
    Column("environment", "VARCHAR", "Deployment environment, for example `prod`."),
    Column(
        "traffic_class",
        "VARCHAR",
        "`live`, `shadow`, `test` or `evaluation` (judges, guardrails, CI); NULL: nobody said.",
        allowed=("live", "shadow", "test", "evaluation"),
    ),
    Column("experiment", "VARCHAR", "Experiment the call belongs to."),
    Column("variant", "VARCHAR", "Arm of that experiment."),
    Column("region", "VARCHAR", "Region that served the call."),
    Column(
        "sub_account_id",
        "VARCHAR",
        "Provider's project or workspace that the call is billed to; `default` for the one"
        " without an id.",
    ),
)

TOKEN_VECTOR: tuple[Column, ...] = tuple(
    Column(name, "BIGINT", doc, non_negative=True)
    for name, doc in (
        ("input_uncached_tokens", "Text input tokens neither read from nor written to a cache."),
        ("cache_read_tokens", "Input tokens read from the provider's prefix cache."),
        ("cache_write_5m_tokens", "Input tokens written to a 5-minute cache."),
        ("cache_write_1h_tokens", "Input tokens written to a 1-hour cache."),
        ("cache_write_other_tokens", "Input tokens written to a cache of unstated lifetime."),
        ("input_audio_tokens", "Uncached audio input tokens, not in input_uncached_tokens."),
        ("output_tokens", "Text output tokens, reasoning included."),
        ("reasoning_tokens", "Part of output_tokens spent on reasoning; never added to it."),
        ("output_audio_tokens", "Audio output tokens, not in output_tokens."),
    )
)
"""Disjoint, non-negative token classes; only `reasoning_tokens` is a part of another class."""

TOKEN_PARTS: tuple[Column, ...] = tuple(
    Column(name, "BIGINT", doc, non_negative=True)
    for name, doc in (
        ("cache_read_audio_tokens", "Part of cache_read_tokens that is audio."),
        ("input_image_tokens", "Part of input_uncached_tokens that is images."),
        ("input_video_tokens", "Part of input_uncached_tokens that is video."),
        ("output_image_tokens", "Part of output_tokens that is images."),
        ("output_video_tokens", "Part of output_tokens that is video."),
    )
)
"""Parts of a token class that some models price apart; never added to their class."""

RESTATEMENT: tuple[Column, ...] = (
    Column(
        "x_restatement_key",
        "VARCHAR",
        "What a newer file replaces as a whole (a provider's day bucket, or one line).",
        required=True,
    ),
    Column(
        "x_whole_key",
        "VARCHAR",
        "The restatement key of the whole that the row's report states in part only (a filter; a"
        " bucket cut at the asked second): it counts as long as no report states the whole.",
    ),
    Column(
        "x_is_empty",
        "BOOLEAN",
        "True of what replaces and is no charge: a bucket that a report states without a result, a"
        " line that its own split states again.",
    ),
    Column("x_as_of", "TIMESTAMP", "When the provider answered, UTC; NULL when not stated."),
    Column(
        "x_delivery",
        "VARCHAR",
        "What was delivered at once; its parts never replace each other; NULL: the file.",
    ),
    Column(
        "x_record",
        "BIGINT",
        "Number of the record in its file; NULL where source_line is that number.",
    ),
)
"""Which of several deliveries of a bill or usage report counts."""
