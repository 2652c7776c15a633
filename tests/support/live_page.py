"""A page that goes on working after it was opened: watched until it shows what it should.

`tests/support/browser.py` looks at a page once, by the page's own clock, in which what its workers
compute takes no time.
"""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from websockets.sync.client import ClientConnection, connect

from tests.support.browser import FLAGS

SHOWS = """
new Promise(resolve => {
    const wanted = %s;
    const look = () => {
        const texts = new Set([...document.querySelectorAll("*")].map(e => e.textContent.trim()));
        const missing = wanted.filter(text => !texts.has(text));
        if (!missing.length) { clearInterval(watch); resolve([]); }
        return missing;
    };
    const watch = setInterval(look, 250);
    setTimeout(() => { clearInterval(watch); resolve(look()); }, %d);
    look();
})
"""


@contextmanager
def _browser(browser: str, profile: Path) -> Iterator[ClientConnection]:
    """A connection to the one page of a browser that was started for it."""
    command = [browser, *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}"]
    with subprocess.Popen(
        [*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            line = next(line for line in process.stderr if line.startswith("DevTools listening"))
            host = line.split("//")[1].split("/")[0]
            with urlopen(f"http://{host}/json/list") as answer:
                page = next(found for found in json.load(answer) if found["type"] == "page")
            with connect(page["webSocketDebuggerUrl"], max_size=None) as connection:
                yield connection
        finally:
            process.kill()


def missing_texts(
    browser: str, url: str, profile: Path, wanted: set[str], seconds: int
) -> list[str]:
    """Texts that no element of the page shows; empty as soon as all are there.

    Args:
        seconds: how long the page is watched at most.
    """
    numbers = itertools.count(1)
    with _browser(browser, profile) as page:

        def ask(method: str, **parameters: Any) -> int:
            number = next(numbers)
            page.send(json.dumps({"id": number, "method": method, "params": parameters}))
            return number

        def until(is_meant: Any) -> dict[str, Any]:
            return next(
                found
                for found in map(json.loads, iter(lambda: page.recv(seconds + 60), None))
                if is_meant(found)
            )

        ask("Page.enable")
        ask("Page.navigate", url=url)
        until(lambda found: found.get("method") == "Page.loadEventFired")
        asked = ask(
            "Runtime.evaluate",
            expression=SHOWS % (json.dumps(sorted(wanted)), seconds * 1000),
            awaitPromise=True,
            returnByValue=True,
        )
        answer = until(lambda found: found.get("id") == asked)
        return list(answer["result"]["result"]["value"])
