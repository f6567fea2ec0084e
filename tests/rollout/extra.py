"""Migrations that a test writes after the shop's last one, in a folder of its own."""

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

ROOT = Path(__file__).parents[2]
_INI = """
[alembic]
script_location = {root}/migrations
version_locations = {root}/migrations/versions:{folder}
path_separator = os
"""
_MIGRATION = """
import sqlalchemy as sa
from alembic import op

from migrations import locks

revision = "{revision}"
down_revision = "{after}"
{marks}

def upgrade():
{steps}
"""


def head() -> str:
    found = ScriptDirectory.from_config(Config(ROOT / "alembic.ini")).get_current_head()
    assert found is not None
    return found


def write(folder: Path, *migrations: str, marks: str = "") -> Path:
    """Write what each is to do; they are 9001 and so on. Returns the settings of alembic."""
    versions = folder / "versions"
    versions.mkdir()
    for number, steps in enumerate(migrations, 1):
        revision, after = f"900{number}", f"900{number - 1}" if number > 1 else head()
        indented = "".join(f"    {line}\n" for line in steps.strip().splitlines())
        text = _MIGRATION.format(revision=revision, after=after, marks=marks, steps=indented)
        (versions / f"{revision}_of_a_test.py").write_text(text)
    ini = folder / "alembic.ini"
    ini.write_text(_INI.format(root=ROOT, folder=versions))
    return ini
