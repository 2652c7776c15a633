"""What the recorded client does, one request after another, with the real `openai` package."""

from __future__ import annotations

import sys
from typing import Any

import openai

MESSAGES = [{"role": "user", "content": "Where is my order? Grüße"}]
TOOLS = [{"type": "function", "function": {"name": "find_order", "parameters": {}}}]


def metadata(task: str) -> dict[str, Any]:
    return {
        "metadata": {
            "tags": ["feature:support", "prompt_version:v3"],
            "spend_logs_metadata": {"task_id": task, "tenant_id": "acme"},
        }
    }


def main(address: str) -> None:
    client = openai.OpenAI(base_url=address, max_retries=0)  # its key is in the environment
    chat = client.chat.completions
    asked: Any = {"model": "support-chat", "messages": MESSAGES, "user": "user-7"}
    for task in ("task-plain", "task-repeated"):
        chat.create(**asked, extra_body=metadata(task))
    stream = chat.create(
        model="support-stream", messages=MESSAGES, stream=True,
        stream_options={"include_usage": True}, extra_body=metadata("task-stream"),
    )  # fmt: skip
    for _ in stream:
        pass
    chat.create(
        model="support-tools", messages=MESSAGES, tools=TOOLS, extra_body=metadata("task-tools")
    )
    chat.create(model="unsteady", messages=MESSAGES, extra_body=metadata("task-fallback"))
    try:
        chat.create(model="crowded", messages=MESSAGES, extra_body=metadata("task-refused"))
    except openai.RateLimitError:
        pass
    else:
        raise AssertionError("the crowded model answered")
    client.embeddings.create(
        model="support-search", input=["order"], extra_body=metadata("task-search")
    )


if __name__ == "__main__":
    main(sys.argv[1])
