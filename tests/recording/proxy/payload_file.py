"""The proxy's logger: every StandardLoggingPayload as a line of `payloads.jsonl`.

It runs inside the proxy, whose environment has nothing of Outlay's.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from litellm.integrations.custom_logger import CustomLogger

TARGET = Path("payloads.jsonl")


class PayloadFile(CustomLogger):
    """Writes successes and failures, and says so on standard output."""

    async def async_log_success_event(self, kwargs: dict[str, Any], *_: Any, **__: Any) -> None:
        self._write(kwargs)

    async def async_log_failure_event(self, kwargs: dict[str, Any], *_: Any, **__: Any) -> None:
        self._write(kwargs)

    def _write(self, kwargs: dict[str, Any]) -> None:
        with TARGET.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(kwargs["standard_logging_object"], default=str) + "\n")
        print("payload written", flush=True)


logger = PayloadFile()
