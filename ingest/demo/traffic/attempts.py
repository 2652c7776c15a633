"""From one request of an application to the attempts that the gateway logs for it."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from zlib import crc32

from ingest.demo.clock import SECOND
from ingest.demo.company.incidents import FALLBACK_STORM
from ingest.demo.company.prices import EMBEDDER, IN_HOUSE, LARGE, MID, NO_TOKENS, Tokens
from ingest.demo.traffic.calls import Call, Owner, hex_id, uuid_text

TOKEN_US = (2_000, 4_000)
"""Microseconds in which a model writes a token, reasoning among them."""

FALLBACK_SHARE = 0.006
STORM_SHARE = 0.9
ASKED_AGAIN = 180
"""One answered request in so many is asked again and answered twice."""

RETRIED, FAILED, BROKEN, LEFT = 0.022, 0.027, 0.034, 0.041
"""Cumulative shares: retried with success, failed for good; of streams: broken, client left."""


def embedding(rng: Random, owner: Owner, at_us: int) -> Call:
    """One embedding request; LiteLLM gives it its own call id as id."""
    request = uuid_text(rng)
    ended = at_us + rng.randint(30_000, 120_000)
    tokens: Tokens = (rng.randint(12, 160), 0, 0, 0, 0)
    return Call(
        owner,
        request,
        request,
        at_us,
        ended,
        EMBEDDER,
        tokens,
        operation="embeddings",
        first_token_us=ended,
    )


def repeat_of(rng: Random, original: Call, owner: Owner, at_us: int, stream: bool) -> Call:
    """The gateway's cache answers with `original`: same tokens, suffixed id, no provider call."""
    ended = at_us + rng.randint(300, 4000)
    response = f"{original.response_id}_cache_hit{ended / SECOND!r}"
    return Call(
        owner,
        uuid_text(rng),
        response,
        at_us,
        ended,
        original.model,
        original.tokens,
        reasoning=original.reasoning,
        stream=stream,
        first_token_us=ended,
        gateway_hit=True,
        origin=(original.request_id, original.owner.tenant),
        origin_us=original.ended_us,
    )


def second_answer(answer: Call) -> Call | None:
    """What the provider answers when the client gave up waiting and asked again; mostly None.

    Drawn from the request itself, so that no other draw depends on it.
    """
    asked_again = answer.operation == "chat" and answer.status == "ok" and not answer.gateway_hit
    if not asked_again or crc32(answer.request_id.encode()) % ASKED_AGAIN:
        return None
    later = answer.ended_us - answer.started_us + SECOND
    return Call(
        answer.owner,
        answer.request_id,
        f"{answer.response_id[:-4]}dead",
        answer.started_us + later,
        answer.ended_us + later,
        answer.model,
        answer.tokens,
        reasoning=answer.reasoning,
        stream=answer.stream,
        first_token_us=answer.first_token_us + later,
        is_second_answer=True,
    )


def attempts(
    rng: Random, owner: Owner, at_us: int, model: str, tokens: Tokens, stream: bool
) -> Iterator[Call]:
    """Yield the attempts of one request, failures first; the last one is the answer, if any.

    `tokens` is what a successful attempt on `model` uses.
    """
    request = uuid_text(rng)
    if model == MID and _falls_back(rng, at_us):
        failed = _failure(rng, owner, request, at_us, MID, "unavailable")
        yield failed
        cold = (tokens[0] + tokens[1], 0, 0, 0, tokens[4])
        retry_at = failed.ended_us + 40_000
        yield _answer(rng, owner, request, retry_at, LARGE, cold, stream, fallbacks=1)
        return
    roll = 1.0 if model == IN_HOUSE else rng.random()
    if roll < FAILED:
        yield from _rate_limited(rng, owner, request, at_us, model, tokens, stream, roll < RETRIED)
    elif stream and roll < BROKEN:
        yield _broken(owner, request, at_us, model, tokens)
    elif stream and roll < LEFT:
        partial = (*tokens[:4], max(1, tokens[4] // 5))
        answer = _answer(rng, owner, request, at_us, model, partial, stream)
        answer.status, answer.error = "aborted", "client_left"
        yield answer
    else:
        yield _answer(rng, owner, request, at_us, model, tokens, stream)


def _falls_back(rng: Random, at_us: int) -> bool:
    return rng.random() < (STORM_SHARE if FALLBACK_STORM.active(at_us) else FALLBACK_SHARE)


def _rate_limited(
    rng: Random,
    owner: Owner,
    request: str,
    at_us: int,
    model: str,
    tokens: Tokens,
    stream: bool,
    recovers: bool,
) -> Iterator[Call]:
    """Rate-limit failures, then the answer if the retry helps.

    A stream logs each failed attempt, anything else one for the whole request (observed in
    LiteLLM 1.104.5).
    """
    for _ in range(rng.randint(1, 2) if stream else 1):
        failed = _failure(rng, owner, request, at_us, model, "rate_limit")
        yield failed
        at_us = failed.ended_us + rng.randint(200_000, 900_000)
    if recovers:
        yield _answer(rng, owner, request, at_us, model, tokens, stream, retries=1)


def _failure(rng: Random, owner: Owner, request: str, at_us: int, model: str, error: str) -> Call:
    ended = at_us + rng.randint(5_000, 60_000)
    return Call(
        owner,
        request,
        request,
        at_us,
        ended,
        model,
        NO_TOKENS,
        first_token_us=ended,
        status="error",
        error=error,
    )


def _broken(owner: Owner, request: str, at_us: int, model: str, tokens: Tokens) -> Call:
    """The provider's stream dies half-way: a failure that cost money; `stream` is null on it."""
    seen = (*tokens[:4], max(1, tokens[4] // 3))
    ended = at_us + 400_000 + TOKEN_US[1] * seen[4]
    return Call(
        owner,
        request,
        request,
        at_us,
        ended,
        model,
        seen,
        first_token_us=at_us + 380_000,
        status="error",
        error="stream_broken",
    )


def _answer(
    rng: Random,
    owner: Owner,
    request: str,
    at_us: int,
    model: str,
    tokens: Tokens,
    stream: bool,
    *,
    retries: int = 0,
    fallbacks: int = 0,
) -> Call:
    first = at_us + rng.randint(250_000, 900_000)
    ended = first + tokens[4] * rng.randint(*TOKEN_US)
    reasoning = tokens[4] // 4 if model == LARGE else 0
    return Call(
        owner,
        request,
        f"chatcmpl-{hex_id(rng, 29)}",
        at_us,
        ended,
        model,
        tokens,
        reasoning=reasoning,
        stream=stream,
        first_token_us=first if stream else ended,
        retries=retries,
        fallbacks=fallbacks,
    )
