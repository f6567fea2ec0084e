"""Who did something, with a name where it was somebody."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts import accounts
from app.core.actors import ACCOUNT_KINDS
from app.core.ids import read_id


def named(session: Session, actors: Iterable[str | None]) -> Mapping[str, str]:
    """Put actors into words: of an account its name and role; all others are said as they are."""
    known = {actor: _account(actor) for actor in actors if actor}
    names = accounts.names(session, {found for found in known.values() if found is not None})
    return {
        actor: actor if account is None else f"{names.get(account, 'nobody')}, {_role(actor)}"
        for actor, account in known.items()
    }


def _account(actor: str) -> UUID | None:
    return read_id(actor.partition(":")[2]) if _role(actor) in ACCOUNT_KINDS else None


def _role(actor: str) -> str:
    return actor.partition(":")[0]
