"""A page that goes on working after it was opened: watched, or used as a reader would.

`tests/support/browser.py` looks at a page once, by the page's own clock, in which what its workers
compute takes no time.
"""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from websockets.sync.client import ClientConnection, connect

from tests.support.browser import FLAGS

PATIENCE_SECONDS = 60
"""How long anything is waited for that takes a fraction of a second."""

BECOMES_TRUE = """
new Promise(resolve => {
    const look = () => Boolean(%s);
    const watch = setInterval(() => { if (look()) { clearInterval(watch); resolve(true); } }, 20);
    setTimeout(() => { clearInterval(watch); resolve(look()); }, %d);
})
"""

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


class Tab:
    """The one page of a browser, by the browser's own protocol.

    Attributes:
        errors: exceptions and error messages that pages wrote since it was opened.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self.errors: list[str] = []
        self._connection = connection
        self._numbers = itertools.count(1)
        for domain in ("Page", "Runtime", "Log"):
            self._ask(f"{domain}.enable")

    def open(self, url: str) -> None:
        """Load a page, anew even where only what follows "#" differs."""
        self._ask("Page.navigate", url="about:blank")
        self._send("Page.navigate", url=url)
        self._until(
            lambda found: (
                found.get("method") == "Page.frameNavigated"
                and found["params"]["frame"]["url"] == url.partition("#")[0]
            )
        )
        self.wait("document.readyState === 'complete'")

    def value(self, expression: str, seconds: int = PATIENCE_SECONDS) -> Any:
        """What an expression of JavaScript gives; a promise's value once it is kept."""
        answer = self._ask(
            "Runtime.evaluate",
            seconds,
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until an expression is true."""
        assert self.value(BECOMES_TRUE % (condition, PATIENCE_SECONDS * 1000)), condition

    def prefer(self, scheme: str) -> None:
        """Have the reader's system `light` or `dark`."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self._ask("Emulation.setEmulatedMedia", features=[feature])

    def show_as(self, medium: str) -> None:
        """Have the page styled for `print` or `screen`."""
        self._ask("Emulation.setEmulatedMedia", media=medium)

    def resize(self, width: int, height: int) -> None:
        """Have the page so many CSS pixels wide and high."""
        self._ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def _send(self, method: str, **parameters: Any) -> int:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        self._connection.send(json.dumps(message))
        return number

    def _ask(self, method: str, seconds: int = PATIENCE_SECONDS, **parameters: Any) -> Any:
        number = self._send(method, **parameters)
        return self._until(lambda found: found.get("id") == number, seconds)["result"]

    def _until(
        self, is_meant: Callable[[dict[str, Any]], bool], seconds: int = PATIENCE_SECONDS
    ) -> dict[str, Any]:
        while True:
            found: dict[str, Any] = json.loads(self._connection.recv(seconds + 60))
            self._note(found)
            if is_meant(found):
                return found

    def _note(self, found: dict[str, Any]) -> None:
        if found.get("method") == "Runtime.exceptionThrown":
            self.errors.append(json.dumps(found["params"]["exceptionDetails"]))
        if found.get("method") == "Log.entryAdded" and found["params"]["entry"]["level"] == "error":
            self.errors.append(found["params"]["entry"]["text"])


@contextmanager
def open_tab(browser: str, profile: Path) -> Iterator[Tab]:
    """The page of a browser that was started for it."""
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
                yield Tab(connection)
        finally:
            process.kill()


def missing_texts(
    browser: str, url: str, profile: Path, wanted: set[str], seconds: int
) -> list[str]:
    """Texts that no element of the page shows; empty as soon as all are there.

    Args:
        seconds: how long the page is watched at most.
    """
    with open_tab(browser, profile) as tab:
        tab.open(url)
        return list(tab.value(SHOWS % (json.dumps(sorted(wanted)), seconds * 1000), seconds))
