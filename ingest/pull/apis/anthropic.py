"""Anthropic's cost and usage reports, as they are asked.

Source: the vendor's Admin API reference, 2026-02 and 2026-09. Lists are spelt `group_by[]`. The
vendor asks for at most one poll a minute over longer times; shorter bursts, such as the windows of
one pull, are fine: requests go one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ingest.pull.api import Api, Params, Report, by_name
from ingest.pull.windows import Window

_VERSION = "2023-06-01"
_KEY, _SCOPE = "ANTHROPIC_ADMIN_KEY", "an Admin API key (sk-ant-admin...) of the organization"
_ANALYTICS_KEY = "ANTHROPIC_ANALYTICS_KEY"


def _headers(key: str) -> Mapping[str, str]:
    return {"x-api-key": key, "anthropic-version": _VERSION}


def _params(window: Window, groups: Sequence[str]) -> Params:
    return {
        "starting_at": f"{window.start:%Y-%m-%dT%H:%M:%SZ}",
        "ending_at": f"{window.end:%Y-%m-%dT%H:%M:%SZ}",
        "bucket_width": "1d",
        "limit": window.days,
        "group_by[]": list(groups),
    }


def _one_day(window: Window, _: Sequence[str]) -> Params:
    """Claude Code's report answers for one day; `limit` counts records."""
    return {"starting_at": window.first.isoformat(), "limit": 1000}


API = Api(
    name="anthropic",
    title="Anthropic",
    base_url="https://api.anthropic.com",
    headers=_headers,
    organization_header="anthropic-organization-id",
    header_is_id=True,
    reports=by_name(
        # grouped by both: the only full detail, and only then a null workspace is the default one
        Report(
            "cost_report",
            "/v1/organizations/cost_report",
            _params,
            ("workspace_id", "description"),
            _KEY,
            _SCOPE,
        ),
        # `speed` can be grouped by with a beta header only
        Report(
            "usage_report/messages",
            "/v1/organizations/usage_report/messages",
            _params,
            (
                "workspace_id",
                "api_key_id",
                "account_id",
                "service_account_id",
                "model",
                "service_tier",
                "context_window",
                "inference_geo",
            ),
            _KEY,
            _SCOPE,
        ),
        Report(
            "usage_report/claude_code",
            "/v1/organizations/usage_report/claude_code",
            _one_day,
            (),
            _KEY,
            _SCOPE,
            days_per_call=1,
            is_default=False,
        ),
        # not final for about 30 days, and each answer says how fresh it is: few windows
        Report(
            "analytics/cost_report",
            "/v1/organizations/analytics/cost_report",
            _params,
            (
                "product",
                "model",
                "context_window",
                "inference_geo",
                "speed",
                "cost_type",
                "token_type",
            ),
            _ANALYTICS_KEY,
            "an Analytics API key of Claude Enterprise, scope read:analytics",
            lookback_days=35,
            recent_days_per_call=31,
            history_days=364,
            earliest=date(2026, 1, 1),
            is_default=False,
        ),
    ),
)
