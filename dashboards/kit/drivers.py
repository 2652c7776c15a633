"""What moves a cost: the drivers of a cost bridge in words, in the order in which they are told."""

from __future__ import annotations

DRIVERS = {
    "volume": ("Volume", "More or fewer tasks closed."),
    "task_mix": ("Task mix", "Features whose tasks cost more or less make up more of the whole."),
    "success_rate": ("Success rate", "Tasks that it takes to get one that succeeds."),
    "loops": ("Loops", "Model calls that a task takes, retries included."),
    "model_mix": ("Model mix", "Dearer or cheaper models answer more of the calls."),
    "tokens_per_call": ("Tokens per call", "Longer or shorter prompts and answers."),
    "cache_mix": (
        "Prompt cache",
        "Share of the tokens read from the provider's cache, written to it, plain, and answered.",
    ),
    "response_cache": ("Response cache", "Calls that the gateway answers from its own cache."),
    "price": ("Price", "What providers ask for a token."),
    "tool_calls": ("Tool calls", "Calls of tools and outside APIs that a task takes."),
    "tool_price": ("Tool price", "What tools and outside APIs ask for a call."),
    "human_minutes": ("People's time", "Minutes that people work on a task."),
    "human_rate": ("People's rate", "What a minute of their work costs."),
    "price_coverage": (
        "Price known",
        "Calls without a known price, work without known minutes, cost nothing here: fewer, or"
        " more.",
    ),
    "entry_exit": (
        "New or gone",
        "Features, models, token classes, tools and people's work of one of the two periods alone.",
    ),
}
"""Of each driver its heading and what it means; the definition: DECISIONS.md, `effect_usd`."""
