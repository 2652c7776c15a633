"""Prompt and answer of a LiteLLM payload: counted, and hashed if asked for; no text is kept.

Read off LiteLLM 1.104.5: `messages` is the prompt of every kind of call. `response` is the answer
with its envelope (id, usage, the tier that served; of a batch when it ended), the answer itself
under a key that depends on the kind of call, and `{}` for a failure. Redaction puts a fixed text
into either, and one logger cuts what is long: how many bytes there were is then unknown.
"""

from __future__ import annotations

from ingest.records.fields import Leaf
from ingest.records.pseudonyms import pseudonym
from ingest.sql import literal

_REDACTED = "redacted-by-litellm"
_CUT = "...truncated by litellm, this logger does not support large content"
_NOTHING = ("", "{}", "[]")

_ANSWERS = ("choices", "output", "content", "data", "results")
"""Where the answer is, of chats, Responses, Anthropic's Messages, embeddings, reranks: a response
has one of them. One with none of them counts as a whole."""


def _counted(text: str, size: str) -> str:
    """SQL of the size of a whole text; what was taken out or cut leaves it unknown."""
    no_text = ", ".join(literal(word) for word in (*_NOTHING, _REDACTED))
    quoted = literal(f'"{_REDACTED}"')
    return (
        f"case when {text} not in ({no_text}) and not contains({text}, {quoted})"
        f" and not ends_with({text}, {literal(_CUT)}) then {size} end"
    )


_SPACES = r"'(\\[nrt]|[ \t\r\n])+'"
"""Pattern of spaces in JSON; a line break inside a text is written with a backslash."""


def _normalised(text: str) -> str:
    return f"md5(regexp_replace({text}, {_SPACES}, ' ', 'g'))"


def _prompt(text: str) -> str:
    """SQL of what is kept of a prompt: its size."""
    return f"{{size: {_counted(text, f'strlen({text})')}}}"


def _hashed_prompt(text: str) -> str:
    """SQL of what is kept of a prompt: its size, and hashes of all of it and of its start.

    A system message that comes first is the start; without one there is none.
    """
    first = f"json_extract(try_cast({text} as json), ['$[0].role', '$[0].content'])"
    is_system = """f[1]::varchar in ('"system"', '"developer"')"""
    prefix = f"case when {is_system} then {_counted(text, _normalised('f[2]::varchar'))} end"
    kept = (
        f"{{size: {_counted(text, f'strlen({text})')},"
        f" whole: {_counted(text, _normalised(text))}, prefix: {prefix}}}"
    )
    return f"list_transform([{first}], lambda f: {kept})[1]"


_ENVELOPE = ("service_tier", "completed_at", "created_at")


def _answer(text: str) -> str:
    """SQL of what is kept of an answer: its size, and of its envelope what prices and dates it."""
    paths = ", ".join(literal(f"$.{key}") for key in (*_ENVELOPE, *_ANSWERS))
    found = f"json_extract_string(try_cast({text} as json), [{paths}])"
    answer = f"array_to_string(f[{len(_ENVELOPE) + 1}:], '')"
    size = f"coalesce(nullif(strlen({answer}), 0), strlen({text}))"
    kept = (
        f"{{size: nullif({_counted(text, size)}, {len('[]')}), tier: f[1],"
        " ended_at: try_cast(coalesce(f[2], f[3]) as double)}"
    )
    # a one-element list names what was found, so that the text is parsed once
    return f"list_transform([{found}], lambda f: {kept})[1]"


HASH_PROMPTS = "hash_prompts"
"""Option of a source: whether prompts are hashed, which makes reading a log half as fast."""


def leaves(*, is_hashed: bool) -> tuple[Leaf, ...]:
    """Prompt and answer, and what is kept of them."""
    prompt = _hashed_prompt if is_hashed else _prompt
    return Leaf(("messages",), keep=prompt), Leaf(("response",), keep=_answer)


COLUMNS = {"input_bytes": '"messages".size', "output_bytes": '"response".size'}
"""Columns of a call, over what is kept of those leaves."""


def prompt_hashes(salt: str) -> dict[str, str]:
    """SQL of the prompt's hashes, over what is kept of it; they are salted like a pseudonym."""
    kept = {"prompt_hash": "whole", "prompt_prefix_hash": "prefix"}
    return {name: pseudonym(f'"messages".{part}', salt) for name, part in kept.items()}
