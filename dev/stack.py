"""The whole shop, running: servers, tables, catalogue, and every process of the Procfile."""

import contextlib
import http.client
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dev.errors import DevError
from dev.lock import only_one
from dev.ports import HOST, is_free
from dev.processes import Ended, Processes, read_procfile
from dev.servers import servers

ROOT = Path(__file__).resolve().parent.parent

# What has to be done before the processes start; doing it again changes nothing.
PREPARATIONS: Mapping[str, Sequence[str]] = {
    "Migrating the database": [sys.executable, "-m", "alembic", "upgrade", "head"],
    "Giving the app's role its rights": [
        *(sys.executable, "-m", "flask", "--app", "wsgi", "grant-rights")
    ],
    "Seeding the catalogue": [sys.executable, "-m", "flask", "--app", "wsgi", "seed"],
}

_SANDBOX = {"sandbox": "exec python -m sandbox"}
_READY_SECONDS = 60.0
_POLL_SECONDS = 0.1
_ORPHANS_PORT_SECONDS = 5.0


@dataclass(frozen=True)
class Stack:
    """A running shop."""

    base_url: str
    sandbox_url: str
    # What was added to the environment: with it, a command line speaks to the same servers.
    env: Mapping[str, str]
    env_file: Path
    mail_dir: Path
    processes: Processes

    def wait(self, timeout_seconds: float | None = None) -> Ended | None:
        """Wait until a process ends by itself; None after the timeout."""
        return self.processes.wait(timeout_seconds)


@contextlib.contextmanager
def stack(
    data_dir: Path,
    *,
    port: int,
    sandbox_port: int,
    durable: bool,
    extra_env: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
    output: Path | None = None,
    project: Path = ROOT,
    preparations: Mapping[str, Sequence[str]] = PREPARATIONS,
) -> Iterator[Stack]:
    """
    Run the shop for the length of the block, which begins once it answers.

    Everything that was started is stopped in the end, and by the next run if this one is
    killed. `extra_env` overrides our settings; `environ` stands for `os.environ`. With `output`
    all that is printed goes to that file.

    Raises:
        DevError: it cannot run, and why; also AlreadyRunningError.
    """
    environ = os.environ if environ is None else environ
    data_dir = data_dir.absolute()
    base_url, sandbox_url = f"http://{HOST}:{port}", f"http://{HOST}:{sandbox_port}"
    with contextlib.ExitStack() as running:
        running.enter_context(only_one(data_dir, holder=f"pid {os.getpid()}, {base_url}"))
        out = running.enter_context(output.open("w")) if output else sys.stdout
        processes = Processes(data_dir / "processes", output=out)
        patience_seconds = _ORPHANS_PORT_SECONDS if processes.stop_orphans() else 0.0
        _refuse_taken(port, "PORT", patience_seconds)
        _refuse_taken(sandbox_port, "SANDBOX_PORT", patience_seconds)

        env = _settings(data_dir, port=port, sandbox_port=sandbox_port)
        env |= running.enter_context(servers(data_dir, durable=durable, environ=environ))
        env |= extra_env or {}
        env_file = running.enter_context(_written(data_dir / "env", env))
        for title, command in preparations.items():
            _prepare(title, command, cwd=project, env={**environ, **env}, out=out)

        running.callback(processes.stop)
        commands = read_procfile(project / "Procfile") | _SANDBOX
        processes.start(commands, cwd=project, env={**environ, **env})
        _wait_for_answer(processes, port, "/readyz", wanted=http.HTTPStatus.OK)
        _wait_for_answer(processes, sandbox_port, "/", wanted=None)
        yield Stack(
            base_url=base_url,
            sandbox_url=sandbox_url,
            env=env,
            env_file=env_file,
            mail_dir=data_dir / "mail",
            processes=processes,
        )


def _settings(data_dir: Path, *, port: int, sandbox_port: int) -> dict[str, str]:
    mail_dir = data_dir / "mail"
    mail_dir.mkdir(parents=True, exist_ok=True)
    # Not resolved: the link is what makes it the virtual environment's python.
    bin_dir = Path(sys.executable).parent
    return {
        "APP_ENV": "development",
        "MAIL_URL": f"file://{mail_dir}",
        "PATH": f"{bin_dir}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PAYMENT_GATEWAYS": "razorpay,cash_on_delivery,stripe",
        "PORT": str(port),
        "PROMETHEUS_MULTIPROC_DIR": str(_emptied(data_dir / "numbers")),
        "PYTHONUNBUFFERED": "1",
        "RAZORPAY_API_URL": f"http://{HOST}:{sandbox_port}",
        "SANDBOX_DATABASE": str(data_dir / "sandbox.sqlite"),
        "SANDBOX_PORT": str(sandbox_port),
        "SANDBOX_STRIPE_WEBHOOK_URL": f"http://{HOST}:{port}/webhooks/stripe",
        "SANDBOX_WEBHOOK_URL": f"http://{HOST}:{port}/webhooks/razorpay",
        "STRIPE_API_URL": f"http://{HOST}:{sandbox_port}/stripe",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_ora_development_key",
        "STRIPE_SECRET_KEY": "sk_test_ora_development_key",
        "STRIPE_WEBHOOK_SECRET": "whsec_ora_development_secret",
        "SUBSCRIBER_ADDRESSES": "any",
        # Whoever stops it waits for it.
        "WEB_DRAIN_SECONDS": "0",
    }


def _emptied(folder: Path) -> Path:
    """Counters begin with the shop: those of a shop that ran before are of the dead."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _refuse_taken(port: int, variable: str, patience_seconds: float) -> None:
    deadline = time.monotonic() + patience_seconds
    while not is_free(port):
        if time.monotonic() >= deadline:
            raise DevError(
                f"Port {port} is taken by another program: stop that one, or choose another "
                f"port, for example {variable}={port + 100}."
            )
        time.sleep(_POLL_SECONDS)


@contextlib.contextmanager
def _written(path: Path, env: Mapping[str, str]) -> Iterator[Path]:
    """Keep the environment in a file for shells, readable by its owner alone."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{name}={shlex.quote(env[name])}\n" for name in sorted(env)))
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _prepare(
    title: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], out: IO[str]
) -> None:
    print(f"{title} ...", file=out, flush=True)
    result = subprocess.run(
        command,
        cwd=cwd,
        env=dict(env),
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if result.returncode != 0:
        raise DevError(f"{title} failed with exit code {result.returncode}:\n{result.stdout}")


def _wait_for_answer(processes: Processes, port: int, path: str, *, wanted: int | None) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            status, body = _get(port, path)
        except (OSError, http.client.HTTPException) as exc:
            answer = str(exc)
        else:
            if wanted in (status, None):
                return
            answer = f"{status} {body}"
        ended = processes.wait(_POLL_SECONDS)
        if ended is not None:
            raise DevError(f"{ended} before the shop was ready.")
        if time.monotonic() > deadline:
            raise DevError(
                f"http://{HOST}:{port}{path} was not ready in {_READY_SECONDS:.0f} s, "
                f"and last answered: {answer}"
            )


def _get(port: int, path: str) -> tuple[int, str]:
    # Not urllib: a proxy set in the environment is none of a loopback address's business.
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    with contextlib.closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")
