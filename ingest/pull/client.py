"""One request, answered: retried while that can help, and its failure said without the key.

Throttling (429, with the vendor's own waiting time), errors of the server, cut connections,
timeouts and answers cut short are tried again, a bounded number of times; refusals are not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

import httpx2
import tenacity

from ingest.errors import PullError
from ingest.pull.api import Api, Params, Report
from ingest.records.limits import LONGEST_RECORD

ATTEMPTS = 6
"""Tries of one request: with waits of about 1, 2, 4, 8 and 16 s, half a minute."""

LONGEST_WAIT = 300.0
"""Seconds of a vendor's Retry-After that are waited for; a later run does better than a longer
wait, because a pull holds the workspace's lock."""

LONGEST_MESSAGE = 200
"""Characters of a vendor's message that are shown."""

LONGEST_KIND = 60
"""Characters of the kind of an error, such as `invalid_api_key`."""

TIMEOUT_SECONDS = 60.0
"""For the connection and for each read; a month of full detail takes a few seconds."""

ANSWER_SECONDS = 300.0
"""For a whole answer: one that trickles in for longer may never end."""

MOST_BYTES = LONGEST_RECORD - (1 << 20)
"""Of an answer, unpacked: landing reads it as one record, with its request around it."""

MOST_SAID = 1 << 16
"""Bytes of a refusal that are looked at."""

_backoff = tenacity.wait_exponential_jitter(initial=1, max=60, jitter=1)


def utc_now() -> datetime:
    """The present, aware."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Waiting:
    """What time is and how it passes; tests put in their own.

    Attributes:
        now: the present, aware.
        sleep: waits for seconds.
        timeout_seconds: for the connection and for each read.
        answer_seconds: for a whole answer.
    """

    now: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = sleep
    timeout_seconds: float = TIMEOUT_SECONDS
    answer_seconds: float = ANSWER_SECONDS


@dataclass(frozen=True)
class Answer:
    """One page: as it came, decoded, and the organisation that its headers name."""

    text: str
    body: Mapping[str, Any]
    organization: str | None


class _TryAgainError(Exception):
    """An attempt failed in a way that another one may not.

    Attributes:
        wait_seconds: as the vendor asks; None without a word.
    """

    def __init__(self, reason: str, wait_seconds: float | None = None) -> None:
        self.reason = reason
        self.wait_seconds = wait_seconds
        super().__init__(reason)


class Client:
    """Asks one provider's API with one key.

    Args:
        key_env: where the key came from, for messages.
    """

    def __init__(self, api: Api, base_url: str, key: str, key_env: str, waiting: Waiting) -> None:
        self._api = api
        self._key = key
        self._key_env = key_env
        self._waiting = waiting
        # never follow: the key would go to whoever the answer names
        self._http = httpx2.Client(
            base_url=base_url,
            headers=dict(api.headers(key)),
            timeout=waiting.timeout_seconds,
            follow_redirects=False,
        )
        self.requests = 0

    def __enter__(self) -> Client:
        """Give the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        self._http.close()

    def ask(self, report: Report, params: Params) -> Answer:
        """Send one request until it is answered.

        Raises:
            PullError: refused, or failed too often.
        """
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(ATTEMPTS),
            wait=_wait,
            retry=tenacity.retry_if_exception_type(_TryAgainError),
            sleep=self._waiting.sleep,
            reraise=True,
        )
        try:
            return retrying(self._once, report, params)
        except _TryAgainError as error:
            raise PullError(
                f"{self._api.title} {report.name}: {error.reason}, {ATTEMPTS} times in a row",
                "run again later; what was complete before is kept",
                ends_source=True,
            ) from None

    def _once(self, report: Report, params: Params) -> Answer:
        self.requests += 1
        try:
            with self._http.stream("GET", report.path, params=dict(params)) as response:
                content = self._content(report, response)
        except httpx2.TimeoutException:
            raise _TryAgainError("no answer in time") from None
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            # the text may quote the address; the kind says enough
            raise _TryAgainError(f"the connection failed ({type(error).__name__})") from None
        self._refuse(report, response, content)
        try:
            text = self._without_key(content.decode("utf-8"))
            # decimals as they are written: they are compared, and never computed with
            body = json.loads(text, parse_float=str)
        except (ValueError, RecursionError):
            raise _TryAgainError("the answer is not complete JSON") from None
        if not isinstance(body, dict):
            raise PullError(
                f"{self._api.title} {report.name}: the answer is no page", "check pull.base_url"
            )
        header = self._api.organization_header
        organization = response.headers.get(header) if header else None
        return Answer(text, body, organization and self._without_key(organization))

    def _content(self, report: Report, response: httpx2.Response) -> bytes:
        """The bytes of an answer, up to limits of size and time."""
        is_good = response.status_code == 200
        most, end = MOST_BYTES if is_good else MOST_SAID, monotonic() + self._waiting.answer_seconds
        content = bytearray()
        for block in response.iter_bytes():
            content += block
            if len(content) > most and not is_good:
                break
            if len(content) > most:
                raise PullError(
                    f"{self._api.title} {report.name}: the answer is larger than {most >> 20} MB",
                    "group it by less (pull.group_by), or check pull.base_url",
                )
            if monotonic() > end:
                raise _TryAgainError("the answer did not end in time")
        return bytes(content[:most])

    def _without_key(self, text: str) -> str:
        """What a server said, without the key if it echoed it."""
        for spelt in (self._key, quote(self._key, safe=""), json.dumps(self._key)[1:-1]):
            text = text.replace(spelt, "***")
        return text

    def _refuse(self, report: Report, response: httpx2.Response, content: bytes) -> None:
        """Raise what an answer's status means, unless it is good."""
        status = response.status_code
        if status == 200:
            return
        if status == 429:
            wait = _retry_after(response.headers.get("retry-after"), self._waiting.now())
            if wait is not None and wait > LONGEST_WAIT:
                raise PullError(
                    f"{self._api.title} {report.name}: too many requests; asked to wait"
                    f" {wait:.0f} s",
                    "run again after that",
                    ends_source=True,
                )
            raise _TryAgainError("too many requests (status 429)", wait)
        if status >= 500 or status == 408:
            raise _TryAgainError(f"the server failed (status {status})")
        raise PullError(
            f"{self._api.title} {report.name}: {self._said(status, content)}",
            self._cure(report, status),
            ends_source=status == 401,
        )

    def _said(self, status: int, content: bytes) -> str:
        """The status and the kind of error; of a wrong request also what is wrong with it.

        Other messages are left out: OpenAI's about a wrong key quotes a part of the key.
        """
        try:
            error = json.loads(self._without_key(content.decode("utf-8")))["error"]
            kind, message = error.get("code") or error.get("type"), error.get("message")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            kind = message = None
        said = [f"refused with status {status}"]
        if isinstance(kind, str) and kind.replace("_", "").isalnum() and len(kind) <= LONGEST_KIND:
            said.append(kind)
        if isinstance(message, str) and status == 400:
            said.append(" ".join(message.split())[:LONGEST_MESSAGE])
        return ", ".join(said)

    def _cure(self, report: Report, status: int) -> str:
        if status in (401, 403):
            return f"the environment variable {self._key_env} must hold {report.scope}"
        if status == 404:
            return "check pull.base_url, or leave this report out of pull.reports"
        if 300 <= status < 400:
            return "the address has moved: correct pull.base_url"
        return "correct the [pull] settings (group_by, start)"


def _wait(state: tenacity.RetryCallState) -> float:
    """The vendor's waiting time, or a growing one; never exactly the same for two clients."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.wait_seconds if isinstance(error, _TryAgainError) else None
    grown = _backoff(state)
    return grown if asked is None else asked + grown % 1


def _retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date; None when it is neither."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)
