"""The invented company: Larkspur, which sells office software to five customers.

All names are made up. The numbers give a believable mix, not a measurement of anybody.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.demo.clock import local, utc
from ingest.demo.company.prices import (
    FABLE,
    HAIKU,
    IN_HOUSE,
    LARGE,
    MID,
    OPUS,
    SMALL,
    SONNET,
)

COMPANY = "Larkspur"

TENANTS = ("aldermere", "brightwater", "castellan", "dunmore", "eastvale")
TENANT_WEIGHTS = (34, 26, 20, 13, 7)

PROMPT_VERSIONS: dict[str, tuple[tuple[int, str], ...]] = {
    "support_assistant": (
        (0, "sup-10"),
        (utc("2026-07-23T08:00"), "sup-11"),
        (utc("2026-08-11T08:00"), "sup-12"),
        (utc("2026-08-12T20:00"), "sup-13"),
    ),
    "invoice_capture": (
        (0, "cap-3"),
        (utc("2026-07-20T06:00"), "cap-4"),
        (utc("2026-09-02T06:00"), "cap-5"),
        (utc("2026-09-09T06:00"), "cap-4"),
    ),
    "code_review_bot": ((0, "crb-2"), (utc("2026-08-25T09:00"), "crb-3")),
}
"""Prompt version of each feature from each moment on."""


SHORTER_STARTS = {"sup-10": 39_936, "cap-3": -59_904}
"""Tokens by which prompts of a version begin shorter than those of the next: sup-11 tells the model
more about its tools, cap-4 leaves out examples. Both are whole blocks of 128 tokens."""


def shorter_start(feature: str, at_us: int) -> int:
    """Tokens by which the start of the feature's prompts is shorter at `at_us` than later on."""
    if feature not in PROMPT_VERSIONS:
        return 0
    return SHORTER_STARTS.get(prompt_version(feature, at_us), 0)


def prompt_version(feature: str, at_us: int) -> str:
    """Version of the feature's prompt in use at `at_us`."""
    return [name for since, name in PROMPT_VERSIONS[feature] if since <= at_us][-1]


@dataclass(frozen=True)
class Workload:
    """One kind of task of one feature.

    Attributes:
        prefix: short name, first part of the task ids.
        tasks: tasks on a working day at scale 1.
        steps: smallest and largest usual number of requests of a task.
        models: models of the requests, with weights.
        prompt_tokens: cacheable start of every prompt.
        fresh_tokens: further input of the first request; each later one adds `growth_tokens`.
        output_tokens: usual output of a request.
        stream: share of streamed requests.
        repeat: share of first requests that the gateway's cache can answer.
        success: share of judged tasks that succeed.
        business: share of tasks that the business system judges.
    """

    prefix: str
    feature: str
    task_type: str
    team: str
    tasks: int
    steps: tuple[int, int]
    models: tuple[tuple[str, int], ...]
    prompt_tokens: int
    fresh_tokens: int
    growth_tokens: int
    output_tokens: int
    stream: float
    repeat: float
    success: float
    business: float
    retrieves: bool = False


WORKLOADS = (
    Workload(
        "tkt",
        "support_assistant",
        "support_ticket",
        "Customer Support",
        165,
        (2, 5),
        ((SMALL, 42), (MID, 43), (HAIKU, 8), (IN_HOUSE, 7)),
        80_000,
        70_000,
        18_000,
        9_000,
        stream=0.6,
        repeat=0.5,
        success=0.8,
        business=0.84,
        retrieves=True,
    ),
    Workload(
        "inq",
        "support_assistant",
        "invoice",
        "Customer Support",
        14,
        (2, 4),
        ((SMALL, 60), (MID, 40)),
        80_000,
        60_000,
        14_000,
        7_000,
        stream=0.6,
        repeat=0.1,
        success=0.74,
        business=0.8,
    ),
    Workload(
        "inv",
        "invoice_capture",
        "invoice",
        "Finance Automation",
        175,
        (1, 3),
        ((SMALL, 40), (HAIKU, 10), (MID, 50)),
        30_000,
        96_000,
        6_000,
        12_000,
        stream=0.0,
        repeat=0.05,
        success=0.91,
        business=0.9,
    ),
    Workload(
        "pr",
        "code_review_bot",
        "code_patch",
        "Developer Tools",
        43,
        (5, 16),
        ((FABLE, 85), (OPUS, 15)),
        48_000,
        60_000,
        4_500,
        30_000,
        stream=0.35,
        repeat=0.0,
        success=0.63,
        business=0.78,
    ),
)

BATCH = Workload(
    "rec",
    "invoice_capture",
    "invoice",
    "Finance Automation",
    70,
    (1, 2),
    (),
    17_600,
    30_400,
    2_400,
    1_260,
    stream=0.0,
    repeat=0.0,
    success=0.94,
    business=0.92,
)
"""The nightly batch re-check of scanned invoices, which does not pass the gateway."""

BUSY_HOURS = range(9, 18)
"""Local hours, of every day, in which reviewers are at work."""

BUSY_FEATURE, BUSY_STEPS = "code_review_bot", 12
"""Of its tasks that begin then, those that succeed do so within so many steps, further work on them
included; at other times, deeper ones succeed as often as any."""


def deepest_success(feature: str, at_us: int) -> int | None:
    """Most steps of a task that begins at `at_us` and succeeds; None: as many as it takes."""
    is_busy = feature == BUSY_FEATURE and local(at_us).hour in BUSY_HOURS
    return BUSY_STEPS if is_busy else None


UNTAGGED_A_DAY = 150
"""Single calls on a working day that no task claims: scripts, experiments, staging."""

UNTAGGED_MODELS = ((SMALL, 40), (MID, 30), (LARGE, 10), (SONNET, 20))

WEEKDAY_SHARE = (1.05, 1.08, 1.06, 1.0, 0.93, 0.62, 0.58)
"""Volume of Monday .. Sunday against a working day."""

GROWTH_PER_DAY = 0.0011
"""Traffic grows by about an eighth over 120 days."""
