"""
Write what of the clients comes from the OpenAPI document: python -m dev.clients [--check].

With --check nothing is written, and what is not as the document has it is named. Nothing is asked
of the network but for the packages of npm, the first time.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from dev.clients import postman, python, typescript
from dev.errors import DevError
from dev.site import shop

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / "clients"

# Each writes its part into a folder as it is to be; gives the paths in it that are all its own.
WRITERS: Mapping[str, Callable[[dict[str, object], Path], tuple[str, ...]]] = {
    "python": python.write,
    "typescript": typescript.write,
    "postman": postman.write,
}


def main() -> int:
    """Return 0 where all is written, or was as it should be."""
    parser = argparse.ArgumentParser(prog="python -m dev.clients", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only look")
    parser.add_argument("names", nargs="*", choices=[*WRITERS, []], help="which; all by default")
    asked = parser.parse_args()
    try:
        document = shop.description()
        stale = [
            path
            for name in asked.names or WRITERS
            for path in renew(name, document, is_only_looked_at=asked.check)
        ]
    except DevError as error:
        print(error, file=sys.stderr)
        return 1
    for path in stale:
        print(f"{path.relative_to(ROOT)} {'is not' if asked.check else 'is now'} as documented")
    return 1 if stale and asked.check else 0


def renew(name: str, document: dict[str, object], *, is_only_looked_at: bool) -> list[Path]:
    """Bring the written part of one client up to date, or tell which files are not."""
    with tempfile.TemporaryDirectory(prefix="ora-clients-") as folder:
        fresh = Path(folder)
        owned = WRITERS[name](document, fresh)
        stale = list(_differing(fresh, CLIENTS / name, owned))
        if not is_only_looked_at:
            for path in owned:
                _replace(fresh / path, CLIENTS / name / path)
    return stale


def _differing(fresh: Path, kept: Path, owned: tuple[str, ...]) -> list[Path]:
    named = {
        path.relative_to(root)
        for root in (fresh, kept)
        for one in owned
        for path in _files(root / one)
    }
    return [kept / path for path in sorted(named) if _text(fresh / path) != _text(kept / path)]


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [one for one in path.rglob("*") if one.is_file() and "__pycache__" not in one.parts]


def _text(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _replace(fresh: Path, kept: Path) -> None:
    if fresh.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(fresh, kept)
        return
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(fresh, kept)


if __name__ == "__main__":
    sys.exit(main())
