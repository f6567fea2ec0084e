"""The Procfile's web line, as a process of its own on a free port."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
import requests

from dev.ports import free_port
from dev.processes import read_procfile

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class Web:
    """A web server that runs."""

    process: "subprocess.Popen[bytes]"
    url: str


@contextmanager
def web_process(app: str = "wsgi:app", *, ready: str = "/readyz", **env: str) -> Iterator[Web]:
    """Run it with one process, in this environment besides, until the block ends."""
    port = free_port()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    line = read_procfile(ROOT / "Procfile")["web"]
    assert " wsgi:app " in line
    process = subprocess.Popen(
        ["sh", "-c", line.replace("wsgi:app", app)],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "PATH": path, "WEB_CONCURRENCY": "1", **env},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    web = Web(process, f"http://127.0.0.1:{port}")
    try:
        until(lambda: _is_ready(web, ready), "web was not ready")
        yield web
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop it with the processes that it has started, which would outlive it where it is killed."""
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def until(is_so: Callable[[], bool], otherwise: str) -> None:
    """Wait until something is so; on a busy machine as well."""
    pause = Event()
    for _ in range(PATIENCE_SECONDS * 50):
        if is_so():
            return
        pause.wait(0.02)
    pytest.fail(otherwise)


def _is_ready(web: Web, path: str) -> bool:
    assert web.process.poll() is None, "web ended by itself"
    try:
        return requests.get(web.url + path, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False
