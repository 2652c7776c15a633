"""Runs the real proxy and client on this machine and keeps the payloads that the proxy logs.

`python -m tests.recording.recorder` replaces the recording that the tests read. Both programs come
from an environment of their own (`make record` builds it): the proxy's pins and Outlay's differ.
"""

from __future__ import annotations

import gzip
import os
import queue
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import REPOSITORY

ENVIRONMENT = REPOSITORY / ".venv-litellm"
PROXY = Path(__file__).parent / "proxy"
RECORDING = Path(__file__).parent / "payloads.jsonl.gz"

ATTEMPTS = 8
PATIENCE_SECONDS = 180.0
"""How long the proxy may be silent: it imports for half a minute on a busy machine."""


def record(environment: Path, folder: Path) -> bytes:
    """Run proxy and client in a folder of their own; return the payloads, one a line.

    Raises:
        RuntimeError: the proxy ended or fell silent, or the client failed; with the output.
    """
    shutil.copytree(PROXY, folder, dirs_exist_ok=True)
    key, port = f"sk-{secrets.token_hex(16)}", _free_port()
    with _proxy(environment, folder, key, port) as output:
        output.wait_for("Uvicorn running", 1)
        client = subprocess.run(
            [environment / "bin" / "python", "client.py", f"http://127.0.0.1:{port}"],
            cwd=folder, env=_surroundings(folder) | {"OPENAI_API_KEY": key},
            capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
        if client.returncode:
            raise RuntimeError(f"the client failed:\n{client.stderr}")
        output.wait_for("payload written", ATTEMPTS)
    payloads = (folder / "payloads.jsonl").read_bytes()
    # tracebacks name the files of whoever recorded
    return payloads.replace(str(environment).encode(), b"environment")


class _Output:
    """What the proxy prints, read all the time so that it never waits for a reader."""

    def __init__(self, proxy: subprocess.Popen[str]) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._seen: list[str] = []
        threading.Thread(target=self._read, args=(proxy,), daemon=True).start()

    def _read(self, proxy: subprocess.Popen[str]) -> None:
        for line in proxy.stdout or ():
            self._lines.put(line)
        self._lines.put(None)

    def wait_for(self, words: str, times: int) -> None:
        while sum(words in line for line in self._seen) < times:
            try:
                line = self._lines.get(timeout=PATIENCE_SECONDS)
            except queue.Empty:
                line = None
            if line is None:
                raise RuntimeError(f"no {words!r} from the proxy:\n{''.join(self._seen)}")
            self._seen.append(line)


@contextmanager
def _proxy(environment: Path, folder: Path, key: str, port: int) -> Iterator[_Output]:
    proxy = subprocess.Popen(
        [environment / "bin" / "litellm", "--config", "config.yaml", "--host", "127.0.0.1",
         "--port", str(port)],
        cwd=folder, env=_surroundings(folder) | {"LITELLM_MASTER_KEY": key},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        yield _Output(proxy)
    finally:
        proxy.terminate()
        proxy.wait(PATIENCE_SECONDS)


def _surroundings(folder: Path) -> dict[str, str]:
    """An environment without this one's keys, proxies and settings; prices as the package has."""
    return {
        "PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONUNBUFFERED": "1",
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }  # fmt: skip


def _free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        recorded = record(ENVIRONMENT, Path(scratch))
    RECORDING.write_bytes(gzip.compress(recorded, mtime=0))
    print(f"{RECORDING.relative_to(REPOSITORY)}: {len(recorded.splitlines())} payloads")
