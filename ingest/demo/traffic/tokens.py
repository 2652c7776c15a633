"""How many tokens a request uses, by class."""

from __future__ import annotations

from random import Random

from ingest.demo.company.incidents import PREFIX_BREAK
from ingest.demo.company.prices import NO_PROMPT_CACHE, PROVIDER_OF, Tokens
from ingest.demo.company.workloads import Workload, shorter_start

CACHE_BLOCK = 128
"""OpenAI caches prefixes in blocks of 128 tokens."""

WARM_FIRST, WARM_LATER = 0.8, 0.96
"""Chance that the provider still holds the prompt at the first request and at later ones."""

ONE_HOUR_SHARE = 0.25
"""Share of cold first requests whose prompt is written to the dearer one-hour cache."""


def prefix_is_broken(load: Workload, at_us: int) -> bool:
    """True while the feature's prompt never matches the provider's prefix cache."""
    return load.feature == PREFIX_BREAK.scope["feature"] and PREFIX_BREAK.active(at_us)


def around(rng: Random, usual: int) -> int:
    """A positive amount spread around `usual`."""
    return max(1, int(usual * (0.55 + 0.9 * rng.random())))


def request_tokens(rng: Random, load: Workload, model: str, step: int, at_us: int) -> Tokens:
    """Tokens of request number `step` (from 0) of a task of `load` served by `model`."""
    prompt = load.prompt_tokens - shorter_start(load.feature, at_us)
    history = step * load.growth_tokens
    fresh = around(rng, load.fresh_tokens if step == 0 else load.growth_tokens)
    output = around(rng, load.output_tokens)
    warm = rng.random() < (WARM_FIRST if step == 0 else WARM_LATER)
    if prefix_is_broken(load, at_us):
        warm = False
    if model in NO_PROMPT_CACHE:
        return (prompt + history + fresh, 0, 0, 0, output)
    if PROVIDER_OF[model] == "openai":
        return _openai(prompt + history, fresh, output, warm)
    return _anthropic(rng, prompt, history, fresh, output, warm)


def _openai(known: int, fresh: int, output: int, warm: bool) -> Tokens:
    """Whole blocks of the known start are read; writing costs nothing extra."""
    read = known // CACHE_BLOCK * CACHE_BLOCK if warm and known >= 1024 else 0
    return (known + fresh - read, read, 0, 0, output)


def _anthropic(
    rng: Random, prompt: int, history: int, fresh: int, output: int, warm: bool
) -> Tokens:
    """A warm prefix is read and the new part written; a cold one is written as a whole."""
    uncached = min(fresh, 40)
    new = fresh - uncached
    if warm:
        return (uncached, prompt + history, new, 0, output)
    if rng.random() < ONE_HOUR_SHARE:
        return (uncached, 0, history + new, prompt, output)
    return (uncached, 0, prompt + history + new, 0, output)
