"""Exact money: whole nano-dollars inside, Decimal at the border.

Every price of the demo has at most three decimals of a dollar per million tokens, so one token
costs a whole number of nano-dollars (1e-9 USD) and sums never round.
"""

from __future__ import annotations

from decimal import Decimal

NANO = 1_000_000_000


def usd(nano: int) -> Decimal:
    """Dollars of a nano-dollar amount, nine decimals, exactly."""
    return Decimal(nano).scaleb(-9)


def usd_text(nano: int) -> str:
    """The same as plain text without an exponent, for example `0.000168750`."""
    return f"{usd(nano):.9f}"


def cents_text(nano: int) -> str:
    """The same amount in cents, seven decimals, as Anthropic's cost report states it."""
    return f"{Decimal(nano).scaleb(-7):.7f}"


def usd_number(nano: int) -> float:
    """The same as a JSON number: LiteLLM and OpenAI really write binary floats.

    The shortest text of such a float is the exact decimal again below ten million dollars, because
    it has at most 16 significant digits; readers must parse it as a decimal all the same.
    """
    return nano / NANO
