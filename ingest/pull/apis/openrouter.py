"""OpenRouter's activity API, as it is asked.

Source: the OpenAPI description in OpenRouterTeam/typescript-sdk, 2026-08-22. One completed UTC day
a call, of the last 30; no pages. Rows name no key: to tell keys apart, each is asked for by its
hash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.pull.api import Api, Params, Report, by_name
from ingest.pull.windows import Window


def _headers(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _params(window: Window, groups: Sequence[str]) -> Params:
    day: Params = {"date": window.first.isoformat()}
    return {**day, "group_by": ",".join(groups)} if groups else day


API = Api(
    name="openrouter",
    title="OpenRouter",
    base_url="https://openrouter.ai",
    headers=_headers,
    reports=by_name(
        Report(
            "activity",
            "/api/v1/activity",
            _params,
            ("workspace",),
            "OPENROUTER_MANAGEMENT_KEY",
            "a management key (Settings, Management keys)",
            days_per_call=1,
            history_days=30,
            is_complete_days_only=True,
        ),
    ),
    has_pages=False,
    key_filter="api_key_hash",
)
