"""Settings of the demo's sources: how each folder of the inbox is to be read."""

from __future__ import annotations

from pathlib import Path

from ingest.demo.company.prices import OVERRIDES_CSV, TOOLS_CSV
from ingest.demo.company.task_types import task_types_csv
from ingest.demo.sources.payers import write_payers
from ingest.demo.traffic.scenarios.experiments import experiments_csv

SOURCES = {
    "litellm": """\
# The gateway's request log. Where this company keeps its attribution in it:
format = "litellm"

[attribution]
tenant_id = "metadata.spend_logs_metadata.tenant_id"
feature = { path = "request_tags", tag = "feature" }
prompt_version = { path = "request_tags", tag = "prompt_version" }
task_id = "metadata.spend_logs_metadata.task_id"
task_type = "metadata.spend_logs_metadata.task_type"
experiment = "metadata.spend_logs_metadata.experiment"
variant = "metadata.spend_logs_metadata.variant"
team = "metadata.user_api_key_team_alias"
environment = "metadata.user_api_key_auth_metadata.environment"
user_id = "end_user"
api_key_id = "metadata.user_api_key_hash"
region = "metadata.usage_object.inference_geo"
""",
    "batch-jobs": """\
# The nightly batch workload calls OpenAI's batch API itself and keeps its own job log.
format = "mapped"
table = "gateway_calls"
file_type = "jsonl"

[fields]
call_id = ["job.id", "step"]
task_id = "job.task"
task_type = "job.kind"
tenant_id = "job.customer"
feature = { path = "labels", tag = "feature" }
prompt_version = { path = "labels", tag = "prompt_version" }
team = "team"
environment = { constant = "prod" }
operation = { constant = "chat" }
provider = { constant = "openai" }
request_model = "model"
response_model = "model"
service_tier = { constant = "batch" }
started_at = { path = "ts", time = "epoch_ms" }
ended_at = { path = "finished", time = "epoch_ms" }
status = { path = "result", values = { completed = "ok", failed = "error" } }
reported_cost_usd = { path = "cost_cents", multiply = "0.01" }

[tokens]
input = "usage.in"
input_includes_cache = true
cache_read = "usage.cached"
output = "usage.out"
""",
    "agents": """\
# Spans of the research agents, as an OpenTelemetry collector writes them.
format = "otel"
""",
    "help-search": """\
# The search service's log: what was asked, and whether its cache answered. Whose feature that is
# it does not know: config/attribution.csv says it.
format = "mapped"
table = "gateway_calls"
file_type = "jsonl"

[fields]
call_id = "id"
started_at = "at"
ended_at = "until"
operation = { constant = "retrieval" }
tool_name = { constant = "help-search" }
provider = { constant = "findable" }
status = { constant = "ok" }
tenant_id = "customer"
environment = { constant = "prod" }
cached_hit = "cached"
reported_cost_usd = "cost"
cache_age_seconds = "age_s"
cache_ttl_seconds = "ttl_s"
""",
    "edge-gateway": """\
# Another gateway, which one customer's calls pass before the first: the same calls once more. Where
# it does not know the provider's response, equal content within seconds tells that it is one call.
format = "mapped"
table = "gateway_calls"
file_type = "jsonl"
same_traffic_as = ["litellm"]

[fields]
call_id = "id"
provider_response_id = "response"
tenant_id = "customer"
provider = { constant = "anthropic" }
request_model = "model"
response_model = "model"
started_at = "start"
ended_at = "end"

[tokens]
input = "usage.in"
input_includes_cache = false
cache_read = "usage.read"
cache_write_5m = "usage.write_5m"
cache_write_1h = "usage.write_1h"
output = "usage.out"
""",
    "openai": '# Pages of the organization costs and usage API.\nformat = "openai"\n',
    "anthropic": '# Pages of the cost and usage reports.\nformat = "anthropic"\n',
    "cloud-focus": '# The vector database\'s bill, FOCUS 1.2.\nformat = "focus"\n',
    "inference-focus": '# Who hosts the own model bills in euros.\nformat = "focus"\n',
    "outcomes": """\
# How the business system closed each ticket, invoice and patch. Times are Berlin wall clock.
format = "outcomes"
file_type = "csv"

[fields]
task_id = "ticket_id"
task_type = "type"
tenant_id = "customer"
judged_at = { path = "closed_at", time = "%Y-%m-%d %H:%M:%S", zone = "Europe/Berlin" }
evaluator_type = { constant = "business_system" }
evaluator_name = { constant = "service desk" }

[fields.outcome]
path = "resolution"
default = "pending"

[fields.outcome.values]
resolved = "success"
posted = "success"
merged = "success"
escalated = "failure"
withdrawn = "failure"
rejected = "failure"
closed_unmerged = "failure"
reopened = "reopened"
reverted = "reopened"
""",
    "reviews": """\
# Evaluations of a model judge and of people who review samples.
format = "outcomes"
file_type = "jsonl"

[fields]
task_id = "task"
task_type = "kind"
judged_at = "at"
evaluator_type = "judge.type"
evaluator_name = "judge.name"
score = "score"
outcome = { path = "verdict", values = { pass = "success", fail = "failure" } }
""",
    "queues": """\
# Samples of the pools of workers: what waits, what is worked on, what was dropped.
format = "queue_samples"
file_type = "csv"

[fields]
queue_name = "pool"
sampled_at = "at"
queue_depth = "waiting"
in_flight = "busy"
concurrency_limit = "workers"
oldest_wait_seconds = "oldest_s"
shed = "shed"
timed_out = "timeouts"
feature = "feature"
environment = { constant = "prod" }
""",
    "changes": """\
# What was released, what prompts and prices changed, and what was published anew.
format = "change_events"
file_type = "jsonl"

[fields]
event_id = "id"
occurred_at = "at"
name = "name"
version = "version"
feature = "feature"

[fields.change_kind]
path = "what"

[fields.change_kind.values]
release = "deploy"
prompt = "prompt_version"
price = "price"
trouble = "incident"
publish = "publish"
""",
}
"""Text of `config/sources/<name>.toml` by name."""


def write_settings(workspace: Path, scale: float) -> None:
    """Write settings of sources, prices, task types and payers below `workspace/config`.

    What was spent once on a task type is spent at `scale`, as its tasks are.
    """
    sources = workspace / "config" / "sources"
    sources.mkdir(parents=True, exist_ok=True)
    for name, text in SOURCES.items():
        (sources / f"{name}.toml").write_text(text, encoding="utf-8")
    (workspace / "config" / "prices.csv").write_text(OVERRIDES_CSV, encoding="utf-8")
    (workspace / "config" / "tools.csv").write_text(TOOLS_CSV, encoding="utf-8")
    (workspace / "config" / "task_types.csv").write_text(task_types_csv(scale), encoding="utf-8")
    (workspace / "config" / "experiments.csv").write_text(experiments_csv(), encoding="utf-8")
    write_payers(workspace / "config")
