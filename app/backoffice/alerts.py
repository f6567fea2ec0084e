"""Alerts: what somebody has to look at, what it means, and what is to be done."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from flask import request
from flask_admin import expose

from app.alerts import alerts
from app.alerts.alerts import KINDS
from app.backoffice import about, actors
from app.backoffice.page import EVERYBODY, Page, done, person
from app.core.db import transaction

AT_ONCE = 25
# Tabs: whether open.
VIEWS = {"open": True, "closed": False, "all": None}


@dataclass(frozen=True, slots=True)
class Advice:
    """What a kind of alerts means, and what is to be done, each in a sentence."""

    means: str
    to_do: str


ADVICE = {
    "amount_mismatch": Advice(
        "Another amount was captured than was asked for; it goes back by itself, whole.",
        "Tell the buyer. Are there many, switch fees and offers off in the gateway's dashboard.",
    ),
    "dispute": Advice(
        "A payer's bank wants money back; refunds of that payment wait meanwhile.",
        "Answer in the gateway's dashboard, before the day that is named.",
    ),
    "event_failed": Advice(
        "What a gateway told could not be done, and is not tried again by itself.",
        "Mend what its note says, and have the events that were given up worked again.",
    ),
    "job_refused": Advice(
        "The queue had a job that is none of the shop's; it was not run.",
        "Find who else writes into its Redis, and change that one's password.",
    ),
    "poll_refused": Advice(
        "The gateway refuses to tell of its own orders: the shop's keys are wrong.",
        "Compare the keys with the gateway's dashboard; until then nothing is paid or refunded.",
    ),
    "reconciliation": Advice(
        "A day in the gateway's books and in ours differed; what we had missed is made up for.",
        "See which difference is left, and take that up with the gateway.",
    ),
    "refund_failed": Advice(
        "The bank sent a refund back; the money is the shop's again, and owed to the buyer.",
        "Have an admin ask for it once more, at Money.",
    ),
    "refund_stuck": Advice(
        "The gateway refuses a refund, or has not answered for long; it is asked again and again.",
        "Is its balance too low, add funds there; the refund goes through by itself.",
    ),
    "subscriber_disabled": Advice(
        "Nothing arrived at another system for days; it is told nothing any more.",
        "Have it mended, switch it on, and send again what it missed.",
    ),
}


class Alerts(Page):
    """Alerts."""

    GROUP = "Watching"
    ALLOWED: ClassVar = {"index": EVERYBODY, "close": EVERYBODY}

    @expose("/")
    def index(self) -> Any:
        """List alerts, the newest first: open ones or closed, of a kind."""
        view, kind = request.args.get("view", "open"), request.args.get("kind")
        view, kind = view if view in VIEWS else "open", kind if kind in KINDS else None
        with transaction() as session:
            rows = alerts.page(
                session, is_open=VIEWS[view], kind=kind, limit=AT_ONCE,
                cursor=request.args.get("cursor"),
            )  # fmt: skip
            return self.render(
                "backoffice/alerts.html", rows=rows, view=view, views=VIEWS, kind=kind,
                kinds=KINDS, advice=ADVICE, about=about.alerts(session, rows.items),
                names=actors.named(session, [one.closed_by for one in rows.items]),
            )  # fmt: skip

    @expose("/<uuid:alert_id>/close", methods=("POST",))
    def close(self, alert_id: UUID) -> Any:
        """Close one that somebody has seen to; closed once, it stays as it was closed."""
        with transaction() as session:
            alerts.dismiss(session, alert_id, by=person().actor)
        asked = {name: request.form.get(name) or None for name in ("view", "kind")}
        words = "It is closed. Where its cause comes again, it is raised anew."
        return done(words, "alerts.index", **asked)
