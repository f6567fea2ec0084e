"""What the Dockerfile says, stage by stage."""

import json
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.deploy.tools import ROOT

DOCKERFILE = ROOT / "Dockerfile"


def instructions(stage: str) -> list[tuple[str, str]]:
    """Every instruction of a stage and of those it stands on, with what follows it."""
    stages: dict[str, list[tuple[str, str]]] = {"": []}
    current = ""
    for line in _lines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            base, _, current = rest.partition(" AS ")
            stages[current] = list(stages.get(base, ()))
        stages[current].append((word, rest.strip()))
    return stages[stage]


def _lines() -> Iterator[str]:
    text = "\n".join(
        line for line in DOCKERFILE.read_text().splitlines() if not line.lstrip().startswith("#")
    )
    for line in text.replace("\\\n", " ").splitlines():
        if line.strip():
            yield line


def last(stage: str, word: str) -> str:
    """What the last instruction of that name says."""
    return [rest for name, rest in instructions(stage) if name == word][-1]


def copied(stage: str) -> list[tuple[str, str]]:
    """What comes from the project into a stage: each source, and its place in the image."""
    pairs = []
    for name, rest in instructions(stage):
        if name == "COPY" and not rest.startswith("--from"):
            *sources, place = shlex.split(rest)
            pairs += [(source, place) for source in sources]
    return pairs


def lay_out(stage: str, folder: Path) -> Path:
    """Copy into a folder what the stage has below /srv/ora, and nothing else."""
    for pattern, place in copied(stage):
        found = sorted(ROOT.glob(pattern))
        assert found, f"COPY {pattern}: there is no such file"
        for source in found:
            goal = folder / (source.name if place == "./" else place)
            goal.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, goal, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, goal)
    return folder


def health_check(stage: str) -> list[str]:
    """The command of the stage's own health check."""
    return json.loads(last(stage, "HEALTHCHECK").partition("CMD ")[2])
