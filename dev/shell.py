"""
Run one command against the servers of `make run`: `python -m dev.shell alembic current`.

If it is running, those servers; otherwise they are started on the same data for the command.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from dotenv import dotenv_values

from dev.errors import DevError
from dev.lock import AlreadyRunningError, only_one
from dev.run import DATA, developers_environ
from dev.servers import servers
from dev.stack import ROOT

_DATA_DIR = ROOT / DATA


def main(command: Sequence[str]) -> int:
    """Return the exit code of the command."""
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    environ = developers_environ()
    try:
        with _running_servers(environ) as urls:
            return _run(command, env=environ | urls)
    except DevError as error:
        print(error, file=sys.stderr)
        return 1


@contextmanager
def _running_servers(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    holder = f"pid {os.getpid()}, python -m dev.shell"
    try:
        with (
            only_one(_DATA_DIR, holder=holder),
            servers(_DATA_DIR, durable=True, environ=environ) as urls,
        ):
            yield urls
    except AlreadyRunningError:
        # Its file is there from before its first process until after its last.
        written = {k: v for k, v in dotenv_values(_DATA_DIR / "env").items() if v is not None}
        if not written:
            raise
        yield written


def _run(command: Sequence[str], *, env: Mapping[str, str]) -> int:
    bin_dir = Path(sys.executable).parent
    path = f"{bin_dir}{os.pathsep}{env.get('PATH', os.defpath)}"
    # Ctrl-C is for the command; we only see to it that the servers are stopped after it.
    signal.signal(signal.SIGINT, lambda *_: None)
    found = subprocess.run(
        ["/usr/bin/env", *command],
        cwd=ROOT,
        env={"APP_ENV": "development", **env, "PATH": path},
        check=False,
    )
    return found.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
