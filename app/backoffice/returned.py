"""Returns: what is to be decided, what is on its way, and what is done with what came."""

from typing import Any, ClassVar
from uuid import UUID

from flask import current_app, request
from flask_admin import expose

from app.backoffice import actors
from app.backoffice.page import EVERYBODY, Page, done, person
from app.core.db import transaction
from app.core.problems import invalid
from app.core.texts import storable
from app.orders import orders
from app.returns import returns
from app.returns.decide import decide_return
from app.returns.models import DISPOSITIONS
from app.returns.receive import Arrival, receive_return

AT_ONCE = 25
MOST_DIGITS = 6
VIEWS = {"to decide": "requested", "on the way": "approved", "received": "received", "all": None}


class Returned(Page):
    """Returns."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {
        "index": EVERYBODY, "show": EVERYBODY, "decide": EVERYBODY, "receive": EVERYBODY,
    }  # fmt: skip

    @expose("/")
    def index(self) -> Any:
        """List returns, the newest first."""
        view = request.args.get("view", "to decide")
        with transaction() as session:
            rows = returns.page(
                session, user_id=None, status=VIEWS.get(view), limit=AT_ONCE,
                cursor=request.args.get("cursor"),
            )  # fmt: skip
            numbers = orders.find_all(session, {one.order_id for one in rows.items})
        return self.render(
            "backoffice/returns.html", rows=rows, orders=numbers, view=view, views=VIEWS
        )

    @expose("/<uuid:return_id>")
    def show(self, return_id: UUID) -> Any:
        """Show one with what can be decided."""
        with transaction() as session:
            one = returns.find(session, return_id)
            return self.render(
                "backoffice/return.html",
                one=one,
                order=orders.find(session, one.order_id),
                names=actors.named(session, [step.actor for step in one.steps]),
                dispositions=DISPOSITIONS,
                done_with=returns.dispositions(session, return_id),
            )

    @expose("/<uuid:return_id>/decide", methods=("POST",))
    def decide(self, return_id: UUID) -> Any:
        """Let so many units of each line come, or none."""
        is_approved = request.form.get("decision") == "approve"
        with transaction() as session:
            skus = [line.sku for line in returns.find(session, return_id).lines]
        lines = (
            {sku: {"quantity": _units(f"quantity:{sku}")} for sku in skus} if is_approved else {}
        )
        one = decide_return(
            return_id, lines, is_approved=is_approved, note=_note(), actor=person().actor
        )
        return done(f"The return is {one.status}.", "returned.show", return_id=return_id)

    @expose("/<uuid:return_id>/receive", methods=("POST",))
    def receive(self, return_id: UUID) -> Any:
        """Take in what came, and say what is done with it; the payer gets the money."""
        with transaction() as session:
            skus = [line.sku for line in returns.find(session, return_id).lines]
        arrivals = [
            Arrival(sku, units, name)
            for sku in skus
            for name in DISPOSITIONS
            if (units := _units(f"{name}:{sku}"))
        ]
        if not arrivals:
            raise invalid("#/lines", "Say how many units came, and what is done with them.")
        receive_return(
            return_id, arrivals, note=_note(), actor=person().actor,
            speed=current_app.config["ORA"].refund_speed,
        )  # fmt: skip
        return done("Taken in; the money is on its way.", "returned.show", return_id=return_id)


def _units(name: str) -> int:
    text = request.form.get(name, "").strip() or "0"
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        raise invalid(f"#/{name}", "is no number of units")
    return int(text)


def _note() -> str | None:
    text = " ".join(request.form.get("note", "").split())[:500]
    return storable(text) if text else None
