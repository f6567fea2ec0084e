"""Settings are variables of the environment: those that a process starts with are recorded."""

import hashlib
import hmac
from typing import Any

import structlog
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from app.audit.models import Record
from app.config import Settings
from app.core import actors
from app.core.db import transaction
from app.core.problems import ServiceUnavailable

log = structlog.get_logger(__name__)

# Whoever starts at the same moment waits, and finds nothing new.
_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('settings'))")
# Of a secret, enough to see that it is another one.
FINGERPRINT = 16


def record_settings(settings: Settings, process: str) -> None:
    """
    Record what differs from the settings that were recorded last, once however many start.

    Where that cannot be done the process starts all the same, and the next one does it.
    """
    try:
        with actors.acting(f"process:{process}", address=actors.here()):
            _record(_told(settings))
    except (ServiceUnavailable, ProgrammingError) as error:
        log.warning("settings.not_recorded", error=error)


def _record(present: dict[str, Any]) -> None:
    with transaction() as session:
        session.execute(_LOCK)
        known = _known(session)
        after = {name: value for name, value in present.items() if known.get(name) != value}
        if after:
            before = {name: known.get(name) for name in after} if known else None
            session.add(
                Record(
                    action="setting", subject="settings", subject_id="", before=before, after=after
                )
            )


def _known(session: Session) -> dict[str, Any]:
    """Add up what was recorded: each record has what it changed."""
    changes = select(Record.after).where(Record.subject == "settings").order_by(Record.id)
    return {name: value for after in session.scalars(changes) for name, value in after.items()}


def _told(settings: Settings) -> dict[str, Any]:
    key = settings.secret_key.get_secret_value().encode()
    told: dict[str, Any] = {}
    for name, value in settings:
        # Addresses of servers may hold passwords; those are left out of repr.
        is_secret = isinstance(value, SecretStr) or not Settings.model_fields[name].repr
        is_masked = is_secret and value is not None
        told[name] = _fingerprint(key, name, value) if is_masked else _plain(value)
    return told


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _fingerprint(key: bytes, name: str, value: Any) -> str:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    digest = hmac.new(key, f"{name}={plain}".encode(), hashlib.sha256).hexdigest()
    return f"masked {digest[:FINGERPRINT]}"
