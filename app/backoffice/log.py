"""The audit log: who changed what, from where, before and after."""

from typing import Any, ClassVar

from flask import request
from flask_admin import expose

from app.audit import trail
from app.audit.schemas import SUBJECTS
from app.audit.trail import Filters
from app.backoffice import actors
from app.backoffice.page import ADMINS, Page
from app.core.replica import leafing
from app.core.texts import storable

AT_ONCE = 50


class Log(Page):
    """Who changed what."""

    GROUP = "Watching"
    ALLOWED: ClassVar = {"index": ADMINS}

    @expose("/")
    def index(self) -> Any:
        """List changes, the newest first."""
        asked = {name: _asked(name) for name in ("subject", "subject_id", "actor")}
        if asked["subject"] not in SUBJECTS:
            asked["subject"] = None
        cursor = request.args.get("cursor")
        with leafing(cursor) as session:
            rows = trail.page(
                session,
                Filters(asked["subject"], asked["subject_id"], asked["actor"]),
                limit=AT_ONCE,
                cursor=cursor,
            )
            names = actors.named(session, [entry.actor for entry in rows.items])
        return self.render(
            "backoffice/log.html", rows=rows, asked=asked, subjects=SUBJECTS, names=names
        )


def _asked(name: str) -> str | None:
    text = request.args.get(name, "").strip()[:200]
    return storable(text) if text else None
