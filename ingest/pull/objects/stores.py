"""The `[remote]` table of a source's settings: which object store, opened, and its faults in words.

Keys are not here: the stores' own library reads their standard environment variables, or takes the
role of the machine. `README.md` beside this file lists them.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from ingest.errors import PullError
from ingest.pull.settings import Table, checked
from ingest.pull.windows import DAY
from ingest.records.format import SourceConfig

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

RETRIES: RetryConfig = {"max_retries": 5, "retry_timeout": timedelta(minutes=2)}
"""The library's own: growing waits with jitter, for 5xx, throttling and cut connections."""

_SCHEMES = {"s3": "s3", "gs": "gs", "az": "az", "abfss": "az", "file": "file"}

_KEYS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the machine's role, must allow"
    " s3:ListBucket and s3:GetObject",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS, or the machine's account, must allow"
    " storage.objects.list and storage.objects.get",
    "az": "AZURE_STORAGE_ACCOUNT_NAME with AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN,"
    " or the machine's identity, must allow to list and read blobs",
    "file": "the folder must exist and be readable",
}

_DENIED = ("PermissionDeniedError", "UnauthenticatedError", "PermissionError")

_PLACEHOLDER = re.compile(r"\{(day|month|month_end|next_month)(?::([^{}]*))?\}")
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
"""Letters alone: whatever a server says there, it is no key."""


class RemoteSettings(Table):
    """What `[remote]` may say."""

    url: str
    include: Annotated[list[str], Field(min_length=1, default_factory=lambda: ["*"])]
    exclude: Annotated[list[str], Field(default_factory=list)]
    start: date | None = None
    lookback_days: Annotated[int, Field(ge=0, le=400)] = 35
    endpoint: str | None = None
    region: str | None = None
    anonymous: bool = False

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        plain = _PLACEHOLDER.sub("", url)
        parts = urlsplit(plain)
        if parts.scheme not in _SCHEMES or not (parts.netloc or parts.scheme == "file"):
            raise ValueError(
                "must be s3://bucket/folder, gs://bucket/folder, az://container/folder,"
                " abfss://container@account.dfs.core.windows.net/folder or file:///folder"
            )
        if parts.password is not None or parts.query:
            raise ValueError("must hold no key or token; those belong into the environment")
        if "{" in plain or "}" in plain:
            raise ValueError("may hold {day}, {month}, {month_end} and {next_month} in braces")
        return url

    @property
    def kind(self) -> str:
        """`s3`, `gs`, `az` or `file`."""
        return _SCHEMES[urlsplit(_PLACEHOLDER.sub("", self.url)).scheme]

    @property
    def root(self) -> str:
        """The address up to the folder before the first placeholder: names below it are kept."""
        fixed = self.url.split("{", 1)[0]
        return fixed if fixed == self.url else fixed[: fixed.rindex("/") + 1]

    @property
    def has_days(self) -> bool:
        """Whether the address names days or months, so that a listing need not grow."""
        return "{" in self.url

    def folders(self, first: date, last: date) -> list[str]:
        """The folders below the root for these days, in order, each once."""
        below = self.url[len(self.root) :].strip("/")
        days = [first + n * DAY for n in range((last - first).days + 1)]
        return list(dict.fromkeys(_PLACEHOLDER.sub(_filled(day), below) for day in days))


def _filled(day: date) -> Any:
    """What a placeholder stands for on one day, in its own format or the ISO one."""
    month = day.replace(day=1)
    next_month = (month + 31 * DAY).replace(day=1)
    values = {"day": day, "month": month, "next_month": next_month, "month_end": next_month - DAY}

    def fill(found: re.Match[str]) -> str:
        name, form = found.groups()
        return values[name].strftime(form or ("%Y-%m-%d" if name == "day" else "%Y-%m"))

    return fill


def remote_settings(config: SourceConfig) -> RemoteSettings | None:
    """The `[remote]` table of a source; None when it has none.

    Raises:
        ConfigError: the table is wrong.
    """
    found: RemoteSettings | None = checked(RemoteSettings, config, "remote")
    return found


def open_store(settings: RemoteSettings, timeout_seconds: float) -> ObjectStore:
    """Open the store at the settings' root; nothing is asked of it yet."""
    from obstore.store import from_url

    if settings.kind == "file":
        return from_url(settings.root)
    options: dict[str, Any] = {}
    if settings.endpoint:
        options["base_url" if settings.kind == "gs" else "endpoint"] = settings.endpoint
    if settings.region and settings.kind == "s3":
        options["region"] = settings.region
    if settings.anonymous:
        options["skip_signature"] = True
    client: ClientConfig = {
        "allow_http": (settings.endpoint or "").startswith("http://"),
        "connect_timeout": f"{timeout_seconds:.0f}s",
        "read_timeout": f"{timeout_seconds:.0f}s",
        # of a whole answer: large files take their time, and each read has its own limit
        "timeout": "12h",
    }
    found: ObjectStore = from_url(
        settings.root, client_options=client, retry_config=RETRIES, **options
    )
    return found


def in_words(error: Exception, what: str, config: SourceConfig, kind: str) -> PullError:
    """A store's fault without its text, which may quote keys.

    Args:
        what: the address that was asked for.
    """
    text = str(error)
    status, code = _STATUS.search(text), _CODE.search(text)
    said = ", ".join([*([f"status {status[1]}"] if status else []), *([code[1]] if code else [])])
    shown = f" ({said})" if said else ""
    number = int(status[1]) if status else 0
    address = f"correct remote.url in {config.path}"
    if type(error).__name__ == "InvalidPathError":
        return PullError(
            f"{what}: a key there is no path that can be kept (`..`, `.` or an empty part)",
            f"{address} to a folder without such keys",
        )
    if number in (401, 403) or type(error).__name__ in _DENIED:
        return PullError(f"{what}: access was denied{shown}", f"{_KEYS[kind]}; or {address}")
    if number == 404 or isinstance(error, FileNotFoundError) or "kind: NotFound" in text:
        return PullError(f"{what}: there is no such bucket, container or folder{shown}", address)
    if number:
        return PullError(f"{what}: the store failed{shown}", "run again later")
    return PullError(
        f"{what}: the store cannot be reached or read ({type(error).__name__})",
        f"check remote.endpoint and remote.url in {config.path}, and the network; {_KEYS[kind]}",
    )
