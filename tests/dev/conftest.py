"""Folders for real servers, and a shop in miniature for the launcher to run."""

import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dev.ports import free_port
from dev.unprivileged import remove_place

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 20

URLS = ("DATABASE_URL", "STOCK_REDIS_URL", "QUEUE_REDIS_URL")

SERVER = """
import http.server, os, sys, psycopg
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = os.environ["MIGRATION_DATABASE_URL"].replace("+psycopg", "")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS visits (path text)")
            if self.path == "/visit":
                connection.execute("INSERT INTO visits VALUES ('/visit')")
            count, = connection.execute("SELECT count(*) FROM visits").fetchone()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(count).encode())
    def log_message(self, *args):
        pass
port = int(os.environ[sys.argv[1] if len(sys.argv) > 1 else "SANDBOX_PORT"])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""
WORKER = "import signal; print('at work', flush=True); signal.pause()"

RUN = """
import sys
from pathlib import Path
from dev import child
from dev.run import main
if sys.argv[2] == "alone":
    child._LIBC = None  # as on a system whose kernel does not signal orphans
sys.exit(main(Path(sys.argv[1]), preparations={}))
"""


@pytest.fixture(autouse=True)
def _no_servers_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    others = "MIGRATION_DATABASE_URL", "PORT", "SANDBOX_PORT", "MAIL_URL", "RAZORPAY_API_URL"
    for name in (*URLS, *others):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    """Below a folder of mode 700, as pytest makes it: out of reach of nobody."""
    yield tmp_path / "data"
    for link in tmp_path.rglob("*postgres*"):
        if link.is_symlink():
            remove_place(link)


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """A folder that every user can reach."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def project_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One folder for all runs of a file: a database cluster takes a second to make."""
    folder = tmp_path_factory.mktemp("project")
    yield folder
    remove_place(folder / ".data" / "run" / "postgres")


@pytest.fixture
def project(project_folder: Path) -> Path:
    """A project folder with a Procfile, the shop of which needs no more than a database."""
    procfile = "web: exec python sandbox.py PORT\nworker: exec python w.py\n"
    (project_folder / "Procfile").write_text(procfile)
    (project_folder / "sandbox.py").write_text(SERVER)
    (project_folder / "w.py").write_text(WORKER)
    return project_folder


@dataclass
class Run:
    """A `make run` in progress."""

    process: subprocess.Popen[str]
    data: Path
    environ: dict[str, str]
    lines: list[str]

    @property
    def port(self) -> int:
        return int(self.environ["PORT"])

    def pids(self) -> list[int]:
        """Every process it started: those of the Procfile, and the three servers."""
        records = [*self.data.glob("processes/*.pid"), *self.data.glob("*/pid")]
        return [int(record.read_text().split()[0]) for record in records]

    def read_until(self, wanted: str) -> None:
        for line in self.process.stdout:
            self.lines.append(line)
            if line.strip() == wanted:
                return
        pytest.fail("".join(["it ended instead of becoming ready:\n", *self.lines]))

    def finish(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        self.lines.append(output)
        return self.process.returncode, "".join(self.lines)


@pytest.fixture
def start_run(project: Path) -> Iterator[Callable[..., Run]]:
    runs = []

    def start(*, until: str | None = "ready", kernel_helps: bool = True, **environ: str) -> Run:
        environ = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port()), **environ}
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(project), "helped" if kernel_helps else "alone"],
            cwd=ROOT,
            env=os.environ | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        run = Run(process, project / ".data" / "run", environ, [])
        runs.append(run)
        if until is not None:
            with killed_after(PATIENCE_SECONDS, process):
                run.read_until(until)
        return run

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.terminate()
        run.process.communicate(timeout=PATIENCE_SECONDS)


@contextmanager
def killed_after(seconds: float, process: subprocess.Popen[str]) -> Iterator[None]:
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state != "Z"


def wait_until_gone(pid: int) -> bool:
    """Wait for the end of a process that need not be our child."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], PATIENCE_SECONDS)[0])
    finally:
        os.close(handle)


@pytest.fixture
def stranger() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start processes that are none of the launcher's business."""
    started = []

    def start(user: int | None = None) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(["/bin/sleep", "1000"], user=user)
        started.append(process)
        return process

    yield start
    for process in started:
        process.send_signal(signal.SIGKILL)
        process.wait()
