"""Files that were handed in are imported."""

from uuid import UUID

from app.transfers import imports


def work_import(import_id: str) -> None:
    """Import a file; what was imported before stays as it is."""
    imports.work(UUID(import_id))
