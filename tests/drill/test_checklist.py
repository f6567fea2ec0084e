"""What the deployment checklist says of backups that are there, old, or broken off."""

import os
import shutil
from datetime import timedelta

import pytest

from ops import looks
from ops.checklist import ITEMS, check
from ops.looks import Surroundings


@pytest.fixture
def seen(settings):
    def look(name, store):
        item = next(item for item in ITEMS if item.name == name)
        [verdict] = check(Surroundings(settings, url="", store=store), [item])
        return verdict.word, verdict.said

    return look


def test_a_store_is_good_while_its_base_is_young_and_its_log_goes_on(archive, seen, monkeypatch):
    assert archive.run("base") == 0
    archive.next_segment()

    assert seen("backups", archive.store.folder)[0] == "ok"
    assert seen("archive", None) == ("ok", "slot ora_archive is used")

    monkeypatch.setattr(looks, "BASE_WITHIN", timedelta(0))
    assert seen("backups", archive.store.folder)[1].startswith("the last one is of ")


def test_a_log_that_broke_off_or_has_a_gap_is_found(archive, seen):
    assert archive.run("base") == 0
    copied = archive.copy("broken-off")
    try:
        last = copied.chain(copied.bases()[-1]).segments[-1].path
        long_ago = last.stat().st_mtime - 3_600
        os.utime(last, (long_ago, long_ago))
        assert seen("backups", copied.folder)[1].startswith("nothing came after ")

        for segment in copied.chain(copied.bases()[-1]).segments:
            segment.path.rename(segment.path.with_name("gone"))
        word, said = seen("backups", copied.folder)
        assert word == "FAILED", said
    finally:
        shutil.rmtree(copied.folder)
