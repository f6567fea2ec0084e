"""What can be restored from a store, what cannot, and that it is told before it is needed."""

import argparse
import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from ops import backup, recovery, restore
from ops.moments import moment
from ops.store import Base, Store, kept, name_for
from ops.tools import find
from tests.outages.server import wait_until


@pytest.fixture(scope="module")
def filled(_archive):
    """A base, and three complete segments after its own; when each of them ended."""
    assert _archive.run("base") == 0
    moments = []
    for _ in range(3):
        _archive.next_segment()
        moments.append(_archive.now())
    wait_until(lambda: len(complete(_archive.store)) >= 4)
    _archive.sql("INSERT INTO drill.moments VALUES (now())")
    return moments


@pytest.fixture
def copy(archive, filled):
    """A copy of the store, to break."""
    copied = archive.copy("copy")
    yield copied
    shutil.rmtree(copied.folder)


def complete(store):
    """The complete segments that go on from the last base."""
    segments = store.chain(store.bases()[-1]).segments
    return [one for one in segments if not one.path.name.endswith(".partial")]


def flip(path, at):
    """Turn a byte of a file round."""
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0xFF]))


def choose(archive, store, at):
    return recovery.choose(store, find(archive.programs, for_files_of=store.folder), at)


def refusal(archive, store, to, capsys, into=None):
    """Why a restore is refused; nothing is left of it."""
    into = into or store.folder / "restored"
    where = ["--store", str(store.folder), "--bin", str(archive.programs), "--into", str(into)]
    assert restore.main([*where, "--to", to, "--no-reconcile"]) == 2
    return capsys.readouterr().err


def test_a_store_is_sound_and_tells_what_can_be_restored(archive, filled, capsys):
    assert archive.run("verify") == 0
    assert "0 faults" in capsys.readouterr().out
    assert archive.run("list") == 0
    assert "missing" not in capsys.readouterr().out
    assert choose(archive, archive.store, filled[1]).at < filled[1]


def test_a_missing_segment_is_found_and_what_comes_after_it_refused(archive, filled, copy, capsys):
    missing = complete(copy)[2]
    missing.path.unlink()

    assert archive.run("verify", store=copy.folder) == 1
    assert f"WAL segment {missing.name} is missing" in capsys.readouterr().out
    for to in (filled[2].isoformat(), "latest"):
        assert f"WAL segment {missing.name} is missing" in refusal(archive, copy, to, capsys)
    assert not (copy.folder / "restored").exists()
    assert choose(archive, copy, copy.bases()[-1].at) == copy.bases()[-1]


def test_a_flipped_byte_of_a_base_is_found_and_not_restored(archive, filled, copy, capsys):
    flip(copy.bases()[-1].folder / "global" / "pg_control", 100)

    assert archive.run("verify", store=copy.folder) == 1
    assert "global/pg_control" in capsys.readouterr().out
    assert "global/pg_control" in refusal(archive, copy, filled[1].isoformat(), capsys)
    assert not (copy.folder / "restored").exists()


def test_a_flipped_byte_of_the_log_is_found(archive, copy, capsys):
    flip(complete(copy)[0].path, 200)

    assert archive.run("verify", store=copy.folder) == 1
    assert "its WAL is damaged" in capsys.readouterr().out


def test_a_second_before_the_first_base_is_refused(archive, filled, capsys):
    told = refusal(archive, archive.store, "2020-01-01T00:00:00Z", capsys)

    assert "is before the first base backup" in told


def test_a_second_after_the_end_of_the_log_is_refused(archive, filled, capsys):
    told = refusal(archive, archive.store, "2100-01-01T00:00:00Z", capsys)

    assert "The archive ends with a transaction of" in told
    assert "--to latest" in told


def test_nothing_is_overwritten(archive, filled, capsys):
    into = archive.folder("in-use")
    (into / "PG_VERSION").write_text("18\n")

    told = refusal(archive, archive.store, filled[1].isoformat(), capsys, into)

    assert f"{into} is not empty" in told
    assert (into / "PG_VERSION").read_text() == "18\n"


@pytest.mark.parametrize("text", ["2026-11-30T12:00:00", "yesterday", ""])
def test_a_moment_that_can_be_misunderstood_is_refused(text):
    with pytest.raises(argparse.ArgumentTypeError):
        moment(text)


def test_a_moment_may_be_of_any_zone():
    assert moment("2026-11-30T12:00:00+05:30") == datetime(2026, 11, 30, 6, 30, tzinfo=UTC)


def test_a_base_does_not_count_before_its_log_is_received(archive, monkeypatch, capsys):
    monkeypatch.setattr(backup, "ARCHIVED_SECONDS", 0.2)
    alone = Store(archive.folder("alone"))

    assert archive.run("base", store=alone.folder) == 1
    assert "is `python -m ops.backup archive` running" in capsys.readouterr().err
    assert alone.bases() == []


def test_a_store_is_of_one_cluster(archive, copy, capsys):
    manifest = copy.bases()[-1].folder / "backup_manifest"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"System-Identifier": 1}))

    assert archive.run("base", store=copy.folder) == 1
    assert "is the store of another cluster" in capsys.readouterr().err


def test_what_the_last_days_do_not_need_is_forgotten(archive, filled, copy, capsys):
    old = copy.bases()[-1]
    new = old.folder.with_name(name_for(old.at + timedelta(seconds=1)))
    shutil.copytree(old.folder, new)
    label = (new / "backup_label").read_text()
    needed = complete(copy)[2].name
    (new / "backup_label").write_text(label.replace(old.first_segment, needed))

    assert archive.run("prune", "--days", "0", store=copy.folder) == 0

    assert [one.folder for one in copy.bases()] == [new]
    names = sorted(path.name.removesuffix(".partial") for path in copy.wal.iterdir())
    assert names[0] == needed


def test_a_base_is_kept_until_a_newer_one_reaches_back_far_enough(tmp_path):
    start = datetime(2026, 11, 1, tzinfo=UTC)
    bases = [Base(tmp_path / name_for(start + timedelta(days=day))) for day in range(5)]

    assert kept(bases, since=start + timedelta(days=2, hours=1)) == bases[2:]
    assert kept(bases, since=start + timedelta(days=9)) == bases[4:]
    assert kept(bases, since=start - timedelta(days=9)) == bases
