"""
Imports: a file is handed in, worked by a job, and told of.

All or nothing: products are written in one transaction, which ends the import as well; changes of
stock are one adjustment, whose reference is the import. So a job that dies is begun again, and what
was done is not done twice. A dry run stops before the change, and tells what it would be; it can be
carried out once.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, defer

from app.core import jobs
from app.core.db import transaction
from app.core.pages import Page, newest_first
from app.transfers import tables
from app.transfers.errors import ImportNotFound, TrialOver
from app.transfers.import_products import import_products
from app.transfers.import_stock import import_stock
from app.transfers.models import Import
from app.transfers.tables import MOST_ERRORS
from app.transfers.terms import Findings, RefusedError, RowError, Running


def hand_in(kind: str, content: bytes, *, is_dry_run: bool, actor: str) -> Import:
    """
    Take a file in; a job works it.

    Raises:
        FileRefused, FileTooLarge: it is no table of this kind.
    """
    text = tables.decode(content)
    rows = tables.read(kind, text)
    one = Import(kind=kind, is_dry_run=is_dry_run, rows=len(rows), text=text, actor=actor)
    with transaction() as session:
        _stage(session, one)
    return one


def carry_out(trial_id: UUID, *, actor: str) -> Import:
    """
    Have the file of a dry run imported, once: whoever asks again is given the same import.

    What is not as it was when it was tried is refused, as any wrong row is.

    Raises:
        ImportNotFound: there is none.
        TrialOver: it was no dry run without errors, or its file is forgotten.
    """
    with transaction() as session:
        query = select(Import).where(Import.id == trial_id).with_for_update()
        trial = session.scalars(query).one_or_none()
        if trial is None:
            raise ImportNotFound
        one = session.scalars(select(Import).where(Import.trial_id == trial_id)).one_or_none()
        if one is not None:
            return one
        if not trial.is_dry_run or trial.status != "done" or trial.text is None:
            raise TrialOver
        one = Import(
            kind=trial.kind, is_dry_run=False, rows=trial.rows, text=trial.text, actor=actor,
            trial_id=trial.id, revisions=trial.revisions,
        )  # fmt: skip
        trial.text = None
        _stage(session, one)
    return one


def _stage(session: Session, one: Import) -> None:
    session.add(one)
    session.flush()
    jobs.stage(session, "transfers.work_import", import_id=str(one.id))
    session.refresh(one)


def work(import_id: UUID, tell: Callable[[int], None] | None = None) -> None:
    """
    Work an import that was handed in; one that has ended stays as it is.

    ``tell`` hears how many rows are done, besides the import itself.
    """
    with transaction() as session:
        one = session.get(Import, import_id)
        if one is None or one.ended_at is not None or one.text is None:
            return
        one.status = "running"
        kind, text, is_dry_run, actor = one.kind, one.text, one.is_dry_run, one.actor
        expected = one.revisions
    findings = Findings() if is_dry_run else None

    def go_on(rows_done: int) -> None:
        _show(import_id, rows_done)
        if tell is not None:
            tell(rows_done)

    def end(session: Session, counts: Mapping[str, int]) -> None:
        _end(session, import_id, "done", counts=counts, findings=findings)

    rows = tables.read(kind, text)
    running = Running(import_id, rows, is_dry_run, actor, go_on, end, findings, expected)
    try:
        _RUNS[kind](running)
    except RefusedError as refusal:
        with transaction() as session:
            _end(session, import_id, "refused", errors=refusal.errors)


def _show(import_id: UUID, rows_done: int) -> None:
    """Tell how far it is, in a transaction of its own."""
    with transaction() as session:
        running = update(Import).where(Import.id == import_id, Import.ended_at.is_(None))
        session.execute(running.values(rows_done=rows_done))


def _end(
    session: Session,
    import_id: UUID,
    status: str,
    *,
    counts: Mapping[str, int] | None = None,
    errors: Sequence[RowError] = (),
    findings: Findings | None = None,
) -> None:
    """End an import with the change that it made, or with what is wrong."""
    told = [asdict(error) for error in sorted(errors, key=lambda one: one.row)[:MOST_ERRORS]]
    session.execute(
        update(Import)
        .where(Import.id == import_id, Import.ended_at.is_(None))
        .values(
            status=status, counts=dict(counts or {}), errors=told,
            # What can be carried out needs its file still.
            text=Import.text if findings else None,
            changes=findings.changes if findings else [],
            revisions=findings.revisions if findings else None,
            rows_done=Import.rows, ended_at=datetime.now(UTC),
        )
    )  # fmt: skip


_RUNS: Mapping[str, Callable[[Running], None]] = {
    "products": import_products,
    "stock": import_stock,
}


def find(session: Session, import_id: UUID) -> Import:
    """
    Find an import.

    Raises:
        ImportNotFound: there is none.
    """
    query = select(Import).where(Import.id == import_id).options(defer(Import.text))
    one = session.scalars(query).one_or_none()
    if one is None:
        raise ImportNotFound
    return one


def changes(session: Session, import_id: UUID) -> list[dict[str, Any]]:
    """List what a dry run would change, row by row, the first MOST_CHANGES."""
    found: list[dict[str, Any]] = session.scalars(
        select(Import.changes).where(Import.id == import_id)
    ).one()
    return found


def carried_out_by(session: Session, trial_id: UUID) -> UUID | None:
    """Find the import that carries a dry run out."""
    return session.scalars(select(Import.id).where(Import.trial_id == trial_id)).one_or_none()


def can_be_carried_out(session: Session, one: Import) -> bool:
    """Tell whether it is a dry run whose file is there still."""
    has_text = select(Import.text.is_not(None)).where(Import.id == one.id)
    return one.is_dry_run and one.status == "done" and session.scalars(has_text).one()


def forget_files(session: Session, *, older_than: timedelta, limit: int) -> int:
    """Forget files that were tried and never carried out; returns how many."""
    old = select(Import.id).where(
        Import.text.is_not(None), Import.is_dry_run, Import.ended_at < func.now() - older_than
    )
    gone = update(Import).where(Import.id.in_(old.limit(limit))).values(text=None, revisions=None)
    return len(session.scalars(gone.returning(Import.id)).all())


def page(session: Session, *, kind: str | None, limit: int, cursor: str | None) -> Page[Import]:
    """List imports, the newest first."""
    query = select(Import).options(defer(Import.text))
    if kind is not None:
        query = query.where(Import.kind == kind)
    return newest_first(session, query, Import.created_at, Import.id, limit=limit, cursor=cursor)
