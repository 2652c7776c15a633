"""What the demo knows about one call, before any source format."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from ingest.demo.company.prices import (
    NO_TOKENS,
    PROVIDER_OF,
    Tokens,
    cost_nano,
    reported_at,
)


def dice(*key: object) -> Random:
    """A random generator that depends on `key` alone, the same on every machine."""
    return Random("/".join(map(str, key)))  # noqa: S311 - invented data, nothing to protect


def hex_id(rng: Random, digits: int) -> str:
    """A random hexadecimal identifier of `digits` digits."""
    return f"{rng.getrandbits(4 * digits):0{digits}x}"


def uuid_text(rng: Random) -> str:
    """A random identifier in the usual 8-4-4-4-12 form."""
    text = hex_id(rng, 32)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a call belongs to; None where nobody tagged it.

    Attributes:
        traffic_class: stated of what serves no customer; None of live traffic.
        key: whose the key is that was used; None: the team's.
    """

    tenant: str | None
    feature: str | None
    task_type: str | None
    task_id: str | None
    prompt_version: str | None
    team: str | None
    environment: str
    user: str | None
    traffic_class: str | None = None
    experiment: str | None = None
    variant: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Where a call stands in a trace: its own span, the one above, and what it states itself."""

    trace: str
    span: str
    above: str
    states_payer: bool = False


@dataclass(slots=True)
class Call:
    """One attempt of one model call.

    Attributes:
        request_id: the caller's request; attempts of one request share it.
        response_id: the provider's response id; the request id on failures.
        status: `ok`, `error` or `aborted`.
        error: key of the failure, empty when there is none.
        tokens: by TOKEN_CLASSES; of a gateway cache hit: what the original call used.
        reasoning: part of the output tokens.
        is_second_answer: the request had its answer; nobody reads this one.
        origin: of a gateway cache hit, request and tenant of the call that it repeats.
        origin_us: when that call was answered.
        similarity: of a semantic hit, how alike both prompts are, in thousandths.
        history_tokens: input tokens of earlier turns; None where there is no loop.
        is_mistaken: the cached answer is the one that is wrong for days.
        sample_group: what the samples of one question share.
        region: where inference must stay; None: anywhere.
        asks_cache: whether the gateway's cache is asked.
        span: where the call stands in a trace; None where nobody traces.
    """

    owner: Owner
    request_id: str
    response_id: str
    started_us: int
    ended_us: int
    model: str
    tokens: Tokens
    reasoning: int = 0
    operation: str = "chat"
    tier: str = "standard"
    region: str | None = None
    stream: bool = False
    first_token_us: int = 0
    status: str = "ok"
    error: str = ""
    gateway_hit: bool = False
    retries: int = 0
    fallbacks: int = 0
    is_second_answer: bool = False
    origin: tuple[str, str | None] | None = None
    origin_us: int | None = None
    similarity: int | None = None
    history_tokens: int | None = None
    is_mistaken: bool = False
    sample_group: str | None = None
    asks_cache: bool = True
    span: Span | None = None
    estimate_nano: int | None = field(init=False)
    avoided_nano: int = field(init=False)
    reported_nano: int = field(init=False)

    def __post_init__(self) -> None:
        """Price the call: as of its own time, and as the gateway's own price map does."""
        reported_us = reported_at(self.started_us)
        cost = cost_nano(self.model, self.tier, self.started_us, self.tokens, self.region)
        reported = cost_nano(self.model, self.tier, reported_us, self.tokens, self.region)
        self.estimate_nano = 0 if self.gateway_hit else cost
        self.avoided_nano = (cost or 0) if self.gateway_hit else 0
        self.reported_nano = reported or 0

    @property
    def provider(self) -> str:
        """gen_ai.provider.name of the model."""
        return PROVIDER_OF[self.model]

    @property
    def billable_tokens(self) -> Tokens:
        """Tokens that the provider saw: none when the gateway's cache answered."""
        return NO_TOKENS if self.gateway_hit else self.tokens
