"""What a release hands out, built from its tag: source, API document, notes, and their sums."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from dev.release.versions import Version
from dev.site import shop
from dev.stack import ROOT

DIST = ROOT / "dist"


def build(version: Version, notes: str) -> Iterator[Path]:
    """Build into dist/; yields each file. Where there is Docker, an image ora:<version> besides."""
    DIST.mkdir(exist_ok=True)
    made = [_source(version), _document(version), _notes(version, notes)]
    sums = DIST / f"ora-{version}.sha256"
    sums.write_text("".join(f"{_sum(one)}  {one.name}\n" for one in made))
    yield from [*made, sums]
    if _has_docker():
        command = ["docker", "build", "--quiet", "--tag", f"ora:{version}", "."]
        subprocess.run(command, cwd=ROOT, check=False)


def _has_docker() -> bool:
    """Tell whether an image can be built here: a daemon answers, not the program alone."""
    if not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def _source(version: Version) -> Path:
    """Archive the tag; the same tag gives the same bytes."""
    to = DIST / f"ora-{version}.tar.gz"
    subprocess.run(
        ["git", "archive", f"--prefix=ora-{version}/", f"--output={to}", f"v{version}"],
        cwd=ROOT, check=True,
    )  # fmt: skip
    return to


def _document(version: Version) -> Path:
    to = DIST / f"openapi-{version}.json"
    to.write_text(json.dumps(shop.description(), indent=1) + "\n")
    return to


def _notes(version: Version, notes: str) -> Path:
    to = DIST / f"notes-{version}.md"
    to.write_text(f"# ORA {version}\n\n{notes}\n")
    return to


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
