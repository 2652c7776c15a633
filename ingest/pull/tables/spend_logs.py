"""What is asked of LiteLLM's table of calls.

Source: `schema.prisma` of LiteLLM's proxy, version 1.104.5. Older tables lack some of these
columns.
"""

from __future__ import annotations

from ingest.pull.tables.postgres import Wanted

WANTED = Wanted(
    table="LiteLLM_SpendLogs",
    columns=(
        "request_id",
        "call_type",
        "api_key",
        "spend",
        "total_tokens",
        "prompt_tokens",
        "completion_tokens",
        "startTime",
        "endTime",
        "completionStartTime",
        "model",
        "model_id",
        "model_group",
        "custom_llm_provider",
        "user",
        "metadata",
        "cache_hit",
        "request_tags",
        "team_id",
        "organization_id",
        "end_user",
        "session_id",
        "status",
        "mcp_namespaced_tool_name",
        "agent_id",
        "litellm_call_id",
        "created_at",
        "updated_at",
    ),
    needed=("request_id", "startTime", "spend", "prompt_tokens", "completion_tokens", "metadata"),
    began="startTime",
    written="updated_at",
    document="metadata",
    cut=(
        ("proxy_server_request",),
        ("requester_ip_address",),
        ("model_map_information",),
        ("error_information", "error_message"),
        ("error_information", "traceback"),
    ),
    # four fifths of a row are the model's price list, of which one price tells what was unpriced
    kept=(("model_map_information", "model_map_value", "input_cost_per_token"),),
)
"""All columns but those of prompts, answers, addresses and cache keys."""
