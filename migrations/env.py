"""
Alembic's way to our tables: every room's models, bounded locks, and the URL of the tables' owner.

That is MIGRATION_DATABASE_URL; where there is no such role, DATABASE_URL.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

from alembic import context
from sqlalchemy import NullPool, create_engine

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from app.core import clock, jobs  # noqa: E402, F401 - their tables
from app.core.db import Base  # noqa: E402
from migrations import locks  # noqa: E402

for models in sorted(ROOT.glob("app/*/models.py")):
    import_module(f"app.{models.parent.name}.models")

OPTIONS = {
    "target_metadata": Base.metadata,
    "compare_server_default": True,
    "transaction_per_migration": True,
}


def run_offline() -> None:
    """Print the SQL instead of running it."""
    context.configure(dialect_name="postgresql", literal_binds=True, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Migrate, in as many tries as it takes to get the locks."""
    url = os.environ.get("MIGRATION_DATABASE_URL")
    if not url and os.environ.get("DATABASE_POOLER", "none") != "none":
        sys.exit("MIGRATION_DATABASE_URL is not set: a migration needs a session, and no pooler")
    url = url or os.environ.get("DATABASE_URL")
    if not url:
        sys.exit("MIGRATION_DATABASE_URL is not set (`make run` starts a server and migrates it)")
    engine = create_engine(url, poolclass=NullPool)

    def migrate() -> None:
        with engine.connect() as connection:
            locks.bound(connection)
            connection.commit()
            context.configure(connection=connection, **OPTIONS)
            with context.begin_transaction():
                context.run_migrations()

    locks.patiently(migrate)


if context.is_offline_mode():
    run_offline()
else:
    run_online()
