"""`make release`, in a repository of its own: numbered, tagged, built, and upgraded from."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile

import pytest

from dev.release import changelog, versions
from dev.stack import ROOT

LATER = "99.1.0"


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """What is here, committed, with something that is new."""
    folder = tmp_path_factory.mktemp("release") / "ora"
    listed = run("git", "ls-files", "-co", "--exclude-standard", at=ROOT).stdout.splitlines()
    for name in listed:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    text = (folder / "CHANGELOG.md").read_text()
    new = text.replace(changelog.UNRELEASED, f"{changelog.UNRELEASED}\n- A thing that is new.\n")
    (folder / "CHANGELOG.md").write_text(new)
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "As is"]):
        assert run("git", *command, at=folder).returncode == 0
    return folder


def run(*command, at):
    who = {"NAME": "Clerk", "EMAIL": "clerk@ora.example"}
    # Not on the tests' servers: it starts its own.
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    env |= {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()}
    return subprocess.run(
        command, cwd=at, env=env, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def release(version, at):
    return run(sys.executable, "-m", "dev.release", version, "--checked", at=at)


def seen(at):
    """Everything that a release changes."""
    return run("git", "log", "--format=%H %s", at=at).stdout, run("git", "tag", at=at).stdout


@pytest.mark.parametrize("version", ["1.x", "v1.0.0", "0.0.1"])
def test_a_number_that_does_not_fit_is_refused(repository, version):
    before = seen(repository)

    done = release(version, repository)

    assert done.returncode == 1
    assert seen(repository) == before
    assert run("git", "status", "--porcelain", at=repository).stdout == ""


def test_what_is_not_committed_is_not_released(repository):
    (repository / "draft.txt").write_text("half a thought")

    done = release(LATER, repository)
    (repository / "draft.txt").unlink()

    assert (done.returncode, "not committed" in done.stdout) == (1, True)


def test_a_version_is_numbered_tagged_built_and_upgraded_from(repository):
    done = release(LATER, repository)

    assert done.returncode == 0, done.stdout
    assert run("git", "tag", at=repository).stdout.split() == [f"v{LATER}"]
    assert run("git", "status", "--porcelain", at=repository).stdout == ""
    assert f'VERSION = "{LATER}"' in (repository / "app" / "version.py").read_text()
    text = (repository / "CHANGELOG.md").read_text()
    with pytest.raises(versions.DevError):
        changelog.notes(text)
    assert text.index("## Unreleased") < text.index(f"## {LATER} - 20")

    dist = repository / "dist"
    sums = dict(
        reversed(line.split("  "))
        for line in (dist / f"ora-{LATER}.sha256").read_text().splitlines()
    )
    assert sums.keys() == {f"ora-{LATER}.tar.gz", f"openapi-{LATER}.json", f"notes-{LATER}.md"}
    for name, told in sums.items():
        assert hashlib.sha256((dist / name).read_bytes()).hexdigest() == told
    with tarfile.open(dist / f"ora-{LATER}.tar.gz") as archive:
        assert f"ora-{LATER}/wsgi.py" in archive.getnames()
    assert json.loads((dist / f"openapi-{LATER}.json").read_text())["openapi"] == "3.1.0"

    assert "was released already" in release(LATER, repository).stdout
    assert "has nothing below" in release("99.1.1", repository).stdout
    upgraded = run(sys.executable, "-m", "dev.check_migrations", at=repository)
    assert f"upgrade the shop of {LATER}: fine." in upgraded.stdout
    assert_lost_rows_are_found(repository)


def assert_lost_rows_are_found(repository):
    """The negative control of the upgrade, from the release that was made."""
    head = max((repository / "migrations" / "versions").glob("0*.py"))
    number = head.name.partition("_")[0]
    (repository / "migrations" / "versions" / "9999_forget.py").write_text(
        f'revision, down_revision = "9999", "{number}"\n'
        'from alembic import op\ncontract = "nobody needs them"\n'
        'def upgrade(): op.execute("DELETE FROM notifications")\n'
        "def downgrade(): pass\n"
    )

    done = run(sys.executable, "-m", "dev.check_migrations", at=repository)

    assert (done.returncode, "rows were lost of notifications" in done.stdout) == (1, True)
