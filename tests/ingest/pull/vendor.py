"""A billing API on this machine: real HTTP, pages in the vendors' shape, and trouble on demand.

It keeps a ledger of days and answers for the days that it is asked for, a few buckets a page. It
checks what the vendors check: the key, and that a following page repeats every other parameter.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "sk-admin-never-to-be-seen"
HEADERS = {
    "openai": ("authorization", f"Bearer {KEY}"),
    "anthropic": ("x-api-key", KEY),
    "openrouter": ("authorization", f"Bearer {KEY}"),
}

Params = dict[str, list[str]]
Ledger = dict[str, dict[date, list[dict[str, Any]]]]
"""By the last part of the path: results by day."""


@dataclass(frozen=True)
class Trouble:
    """What one request meets instead of its answer.

    Attributes:
        cut: bytes after which the connection is closed, though more were announced.
        hang: never answer, until the server is closed.
        endless: bytes that are sent again and again, without an end.
        pause: seconds between them.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    cut: int | None = None
    hang: bool = False
    endless: bytes = b""
    pause: float = 0.0


class Vendor:
    """One vendor's API at `base_url`; use it in a `with`.

    Attributes:
        ledger: what was billed; a test may change it between two pulls.
        buckets_per_page: fewer than asked for, so that there are pages.
        trouble: met by the coming requests, one each; None is no trouble.
        requests: (path, parameters) of every request, in order.
        answer_headers: sent with every answer.
        answer: makes a page; a test may put in its own.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.ledger: Ledger = {}
        self.buckets_per_page = 100
        self.trouble: list[Trouble | None] = []
        self.requests: list[tuple[str, Params]] = []
        self.answer_headers: dict[str, str] = {}
        self.answer: Callable[[str, Params], Any] = self._page
        self._begun: dict[str, Params] = {}
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Vendor:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def asked(self, part: str = "") -> list[Params]:
        """Parameters of the requests whose path ends in `part`."""
        return [params for path, params in self.requests if path.endswith(part)]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                params = parse_qs(parts.query, keep_blank_values=True)
                vendor.requests.append((parts.path, params))
                trouble = vendor.trouble.pop(0) if vendor.trouble else None
                header, value = HEADERS[vendor.name]
                if trouble and trouble.hang:
                    vendor._closing.wait()
                elif trouble and trouble.endless:
                    self.send_without_end(trouble)
                elif trouble and trouble.body is not None:
                    self.send(trouble.status, trouble.body, trouble)
                elif trouble and trouble.status != 200:
                    self.send(trouble.status, '{"error": {"type": "trouble"}}', trouble)
                elif self.headers.get(header) != value:
                    said = f"Incorrect API key provided: {value[-6:]}"
                    self.send(401, json.dumps({"error": {"code": "invalid_api_key",
                                                         "message": said}}), None)  # fmt: skip
                else:
                    self.send(200, json.dumps(vendor.answer(parts.path, params), indent=1), trouble)

            def send(self, status: int, text: str, trouble: Trouble | None) -> None:
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                extra = {**vendor.answer_headers, **(trouble.headers if trouble else {})}
                for name, value in extra.items():
                    self.send_header(name, value)
                self.end_headers()
                if trouble and trouble.cut is not None:
                    self.wfile.write(body[: trouble.cut])
                    self.close_connection = True
                else:
                    self.wfile.write(body)

            def send_without_end(self, trouble: Trouble) -> None:
                self.send_response(trouble.status)
                self.end_headers()
                self.close_connection = True
                with contextlib.suppress(OSError):  # the client has enough
                    while not vendor._closing.wait(trouble.pause):
                        self.wfile.write(trouble.endless)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def _page(self, path: str, params: Params) -> dict[str, Any]:
        report = path.rsplit("/", 1)[1]
        if self.name == "openrouter" or report == "claude_code":
            return self._one_day(report, params)
        days = self._days(params)
        offset = self._offset(params)
        shown = days[offset : offset + self.buckets_per_page]
        following = offset + len(shown)
        more = following < len(days)
        page: dict[str, Any] = {
            "data": [self._bucket(day, self.ledger.get(report, {}).get(day, [])) for day in shown],
            "has_more": more,
            "next_page": f"page_{report}_{following}" if more else None,
        }
        if more:
            self._begun[page["next_page"]] = {k: v for k, v in params.items() if k != "page"}
        return {"object": "page", **page} if self.name == "openai" else page

    def _one_day(self, report: str, params: Params) -> dict[str, Any]:
        text = (params.get("date") or params["starting_at"])[0]
        return {"data": self.ledger.get(report, {}).get(date.fromisoformat(text), [])}

    def _days(self, params: Params) -> list[date]:
        if self.name == "openai":
            first, end = (
                datetime.fromtimestamp(int(params[name][0]), UTC).date()
                for name in ("start_time", "end_time")
            )
        else:
            first, end = (
                datetime.fromisoformat(params[name][0]).date()
                for name in ("starting_at", "ending_at")
            )
        return [first + timedelta(days=n) for n in range((end - first).days)]

    def _offset(self, params: Params) -> int:
        if "page" not in params:
            return 0
        token = params["page"][0]
        others = {name: value for name, value in params.items() if name != "page"}
        assert self._begun[token] == others, "a following page must repeat every parameter"
        return int(token.rsplit("_", 1)[1])

    def _bucket(self, day: date, results: list[dict[str, Any]]) -> dict[str, Any]:
        if self.name == "openai":
            start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
            return {"object": "bucket", "start_time": start, "end_time": start + 86400,
                    "results": results}  # fmt: skip
        return {"starting_at": f"{day}T00:00:00Z", "results": results,
                "ending_at": f"{day + timedelta(days=1)}T00:00:00Z"}  # fmt: skip


def openai_cost(usd: str, line_item: str = "gpt-4o-2024-08-06, input") -> dict[str, Any]:
    """One result of OpenAI's costs, its amount as text of exact digits."""
    return {
        "object": "organization.costs.result", "amount": {"value": usd, "currency": "usd"},
        "line_item": line_item, "project_id": "proj_1", "api_key_id": None,
    }  # fmt: skip


def anthropic_cost(cents: str) -> dict[str, Any]:
    """One result of Anthropic's cost report, in cents."""
    return {
        "amount": cents, "currency": "USD", "cost_type": "tokens", "workspace_id": None,
        "description": "Claude Opus 5 Usage - Input Tokens", "model": "claude-opus-5",
        "token_type": "uncached_input_tokens", "service_tier": "standard",
    }  # fmt: skip


def openrouter_row(day: date, usd: float) -> dict[str, Any]:
    """One row of OpenRouter's activity."""
    return {
        "date": day.isoformat(), "model": "openai/gpt-4.1", "endpoint_id": "e1",
        "model_permaslug": "openai/gpt-4.1-2025-04-14", "provider_name": "OpenAI", "usage": usd,
        "byok_usage_inference": 0, "requests": 5, "prompt_tokens": 50, "completion_tokens": 125,
        "reasoning_tokens": 25,
    }  # fmt: skip
