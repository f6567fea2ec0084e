"""
A store: a folder with base backups and the write-ahead log (WAL) that goes on from them.

    STORE/base/20261130T063000.000000Z/     by pg_basebackup; named for when it was complete
    STORE/wal/000000010000000000000003[.partial]     by pg_receivewal, as it is written

Nothing in it is of our own making: without this package it is restored by hand, with any tool that
knows PostgreSQL.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ops.errors import OpsError
from ops.tools import Tools

NAMED = "%Y%m%dT%H%M%S.%fZ"
UNFINISHED = "unfinished"
PARTIAL = ".partial"
_BASE = re.compile(r"\d{8}T\d{6}\.\d{6}Z")
_SEGMENT = re.compile(r"([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})")
_COMMIT = re.compile(r"COMMIT (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) UTC")
_FOUND_AT = re.compile(r"error in WAL record at ([0-9A-F]+)/([0-9A-F]+): (.*)")


@dataclass(frozen=True)
class Segment:
    """A piece of the WAL: its number on its timeline, and where it lies."""

    timeline: int
    number: int
    path: Path

    @property
    def name(self) -> str:
        """Its name without what says that it is still being written."""
        return self.path.name.removesuffix(PARTIAL)


@dataclass(frozen=True)
class Chain:
    """The segments that go on from a base without a gap, and the first one that is missing."""

    segments: tuple[Segment, ...]
    missing: str | None


@dataclass(frozen=True)
class Base:
    """A base backup: complete at a moment, from which on any later one can be restored."""

    folder: Path

    @property
    def at(self) -> datetime:
        """The first moment that can be restored from it."""
        return datetime.strptime(self.folder.name, NAMED).replace(tzinfo=UTC)

    @property
    def major(self) -> int:
        """The version of PostgreSQL that it is of."""
        return int((self.folder / "PG_VERSION").read_text())

    @property
    def cluster(self) -> str:
        """What tells its cluster from every other one; empty where it is of PostgreSQL 16."""
        return str(self._manifest().get("System-Identifier", ""))

    @property
    def first_segment(self) -> str:
        """The name of the segment that recovery begins with."""
        label = (self.folder / "backup_label").read_text()
        found = re.search(r"START WAL LOCATION: .* \(file ([0-9A-F]{24})\)", label)
        if found is None:
            raise OpsError(f"{self.folder}/backup_label does not say where its WAL begins.")
        return found[1]

    @property
    def end(self) -> tuple[int, int]:
        """The timeline and the position in the WAL at which it was complete."""
        last = self._manifest()["WAL-Ranges"][-1]
        return int(last["Timeline"]), _position(*last["End-LSN"].split("/"))

    def _manifest(self) -> dict[str, Any]:
        try:
            read: dict[str, Any] = json.loads((self.folder / "backup_manifest").read_text())
        except (OSError, ValueError) as error:
            raise OpsError(f"{self.folder}/backup_manifest cannot be read: {error}") from None
        return read


class Store:
    """The folder, read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.bases_folder, self.wal = self.folder / "base", self.folder / "wal"

    def prepare(self, tools: Tools) -> None:
        """Make what is in it, where that is not there yet."""
        for one in (self.bases_folder, self.wal):
            tools.make_folder(one)

    def bases(self) -> list[Base]:
        """List the complete bases, the oldest first."""
        found = self.bases_folder.glob("*") if self.bases_folder.is_dir() else ()
        return [Base(one) for one in sorted(found) if _BASE.fullmatch(one.name)]

    def base_for(self, moment: datetime | None) -> Base:
        """
        Choose the base to restore a moment from: the last one before it; None is the very last.

        Raises:
            OpsError: there is none, or the moment is before the first.
        """
        bases = self.bases()
        if not bases:
            raise OpsError(f"There is no base backup in {self.folder}.")
        before = [one for one in bases if moment is None or one.at <= moment]
        if not before:
            raise OpsError(
                f"{moment} is before the first base backup, of {bases[0].at}: nothing older can "
                "be restored."
            )
        return before[-1]

    def segments(self, timeline: int) -> dict[int, Segment]:
        """Find what there is of a timeline's WAL; what is complete goes before its partial."""
        found: dict[int, Segment] = {}
        size = self.segment_size()
        for path in sorted(self.wal.glob("*"), reverse=True):
            match = _SEGMENT.fullmatch(path.name.removesuffix(PARTIAL))
            if match and int(match[1], 16) == timeline:
                number = int(match[2], 16) * (2**32 // size) + int(match[3], 16)
                found[number] = Segment(timeline, number, path)
        return found

    def segment_size(self) -> int:
        """Tell how large a segment is; all of a cluster's have one size, the last one too."""
        names = (one for one in self.wal.glob("*") if _SEGMENT.match(one.name))
        first = next(names, None)
        if first is None:
            raise OpsError(f"There is no WAL in {self.wal}: is `archive` running?")
        return first.stat().st_size

    def chain(self, base: Base) -> Chain:
        """Follow the WAL from where a base was complete; what came before is in the base."""
        timeline, position = base.end
        found = self.segments(timeline)
        size = self.segment_size()
        number = (position - 1) // size
        run = []
        while number in found:
            run.append(found[number])
            number += 1
        is_gap = not run or any(later > number for later in found)
        return Chain(tuple(run), _name(timeline, number, size) if is_gap else None)


def last_commit(tools: Tools, segments: Sequence[Segment]) -> datetime | None:
    """Tell when the last transaction in these segments was committed, by the server's clock."""
    for segment in reversed(segments):
        with _readable([segment]) as folder:
            told = tools.ask("pg_waldump", "--rmgr=Transaction", folder / segment.name).out
        if times := _COMMIT.findall(told):
            return max(map(_read_time, times))
    return None


def damage(tools: Tools, segments: Sequence[Segment]) -> str | None:
    """
    Read every record of these segments against its checksum; tells what is wrong, if anything.

    The WAL ends somewhere in its last segment, where nothing is to be found wrong: the torn record
    of a crash looks like any other.
    """
    with _readable(segments) as folder:
        answer = tools.ask(
            "pg_waldump", "--quiet", "--path", folder, segments[0].name, segments[-1].name
        )
    if answer.code == 0:
        return None
    found = _FOUND_AT.search(answer.errors)
    if found is None:
        return answer.errors.strip()
    size = segments[0].path.stat().st_size
    number = _position(found[1], found[2]) // size
    return None if number >= segments[-1].number else answer.errors.strip()


@contextmanager
def _readable(segments: Sequence[Segment]) -> Iterator[Path]:
    """Put segments under the names that pg_waldump takes, the last one without its .partial."""
    with tempfile.TemporaryDirectory(prefix="ora-wal-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for segment in segments:
            (folder / segment.name).symlink_to(segment.path)
        yield folder


def kept(bases: Sequence[Base], *, since: datetime) -> list[Base]:
    """Choose the bases from which every second since then can be restored, and no others."""
    before = [one for one in bases if one.at <= since]
    return before[-1:] + [one for one in bases if one.at > since]


def name_for(moment: datetime) -> str:
    """Name a base that was complete at a moment."""
    return moment.astimezone(UTC).strftime(NAMED)


def unfinished(store: Store) -> Iterator[Path]:
    """Find what an interrupted backup left behind."""
    yield from store.bases_folder.glob(f"*.{UNFINISHED}")


def _name(timeline: int, number: int, size: int) -> str:
    high, low = divmod(number, 2**32 // size)
    return f"{timeline:08X}{high:08X}{low:08X}"


def _position(high: str, low: str) -> int:
    return int(high, 16) * 2**32 + int(low, 16)


def _read_time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
