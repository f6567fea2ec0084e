"""Webhooks: what gateways told, what came of it, and having it worked again."""

import json
from typing import Any, ClassVar

from flask import request
from flask_admin import expose

from app.backoffice.page import ADMINS, EVERYBODY, Page, done
from app.core.db import transaction
from app.core.problems import invalid
from app.webhooks import history

AT_ONCE = 50
# Tabs: the status, and whether only those that were tried in vain.
VIEWS = {
    "all": (None, False), "failing": (None, True), "given up": ("failed", False),
    "waiting": ("received", False), "ignored": ("ignored", False),
}  # fmt: skip


class Inbox(Page):
    """Webhooks."""

    GROUP = "Watching"
    ALLOWED: ClassVar = {"index": EVERYBODY, "show": EVERYBODY, "replay": ADMINS}

    @expose("/")
    def index(self) -> Any:
        """List events, the newest first."""
        view = request.args.get("view", "all")
        status, failing = VIEWS.get(view, VIEWS["all"])
        with transaction() as session:
            rows = history.page(
                session, status=status, failing=failing, limit=AT_ONCE,
                cursor=request.args.get("cursor"),
            )  # fmt: skip
        return self.render("backoffice/inbox.html", rows=rows, view=view, views=VIEWS)

    @expose("/event/<event_id>")
    def show(self, event_id: str) -> Any:
        """Show an event with what was delivered."""
        with transaction() as session:
            event = history.find(session, event_id)
        return self.render("backoffice/event.html", event=event, body=_pretty(event.body))

    @expose("/replay", methods=("POST",))
    def replay(self) -> Any:
        """Have events worked again; what they did already is not done twice."""
        event_ids = request.form.getlist("event_id")[:200]
        if not event_ids:
            raise invalid("#/event_id", "Choose the events first.")
        history.replay(event_ids)
        return done(f"{len(event_ids)} to be worked again.", "inbox.index")


def _pretty(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body.decode(errors="replace")
