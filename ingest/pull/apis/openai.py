"""OpenAI's organization costs and usage API, as it is asked.

Source: openai/openai-openapi, 2026-08-21. Buckets of a day; `limit` counts buckets; every parameter
is repeated with `page`. Lists are repeated names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.pull.api import Api, Params, Report, by_name
from ingest.pull.windows import Window

_KEY = "OPENAI_ADMIN_KEY"
_SCOPE = "an admin key (sk-admin-...) of an organization owner, scope api.usage.read"
_BY_MODEL = ("project_id", "user_id", "api_key_id", "model")

# Each must be asked, or what was spent on it looks unexplained.
_USAGE = {
    "completions": (*_BY_MODEL, "batch", "service_tier"),
    "embeddings": _BY_MODEL,
    "moderations": _BY_MODEL,
    "images": (*_BY_MODEL, "size", "source"),
    "audio_speeches": _BY_MODEL,
    "audio_transcriptions": _BY_MODEL,
    "vector_stores": ("project_id",),
    "code_interpreter_sessions": ("project_id",),
    "file_search_calls": ("project_id", "user_id", "api_key_id", "vector_store_id"),
    "web_search_calls": (*_BY_MODEL, "context_level"),
}


def _headers(key: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _params(window: Window, groups: Sequence[str]) -> Params:
    return {
        "start_time": int(window.start.timestamp()),
        "end_time": int(window.end.timestamp()),
        "bucket_width": "1d",
        "limit": window.days,
        "group_by": list(groups),
    }


def _report(name: str, groups: tuple[str, ...]) -> Report:
    return Report(name, f"/v1/organization/{name}", _params, groups, _KEY, _SCOPE)


API = Api(
    name="openai",
    title="OpenAI",
    base_url="https://api.openai.com",
    headers=_headers,
    organization_header="openai-organization",
    reports=by_name(
        _report("costs", ("project_id", "line_item", "api_key_id")),
        *(_report(f"usage/{name}", groups) for name, groups in _USAGE.items()),
    ),
)
