"""Subscribers: the shop's other systems, and what each was told; admins change them."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from flask import current_app, make_response, request
from flask import session as cookie
from flask_admin import expose
from sqlalchemy.orm import Session

from app.backoffice import about, forms, sessions
from app.backoffice.forms import Wrong
from app.backoffice.page import ADMINS, EVERYBODY, Page, done
from app.core.db import transaction
from app.core.problems import ValidationFailed, invalid
from app.subscribers import deliveries, remove, secrets, subscribers
from app.subscribers.errors import TooManySubscribers
from app.subscribers.events import ALL, EVENTS, NOUNS
from app.subscribers.models import Subscriber
from app.subscribers.schemas import (
    LONGEST_OVERLAP_HOURS,
    STATUSES,
    DeliveriesSchema,
    RotationSchema,
    SubscriberWishSchema,
)

AT_ONCE = 25
VIEWS = ("all", *STATUSES)
# What may be asked for, as it is shown: what has all of a noun, before each of its events.
CHOICES = {noun: [e for e in EVENTS if e.partition(".")[0] == noun] for noun in NOUNS}


class Subscribers(Page):
    """Subscribers."""

    GROUP = "Watching"
    ALLOWED: ClassVar = {
        "index": EVERYBODY, "show": EVERYBODY, "delivery": EVERYBODY, "new": ADMINS,
        "make": ADMINS, "change": ADMINS, "switch": ADMINS, "rotate": ADMINS, "ping": ADMINS,
        "replay": ADMINS, "remove": ADMINS,
    }  # fmt: skip

    @expose("/")
    def index(self) -> Any:
        """List subscribers, the newest first, and how deliveries to each go."""
        with transaction() as session:
            rows = subscribers.page(session, limit=AT_ONCE, cursor=request.args.get("cursor"))
            how = deliveries.outcomes(session, [one.id for one in rows.items])
        return self.render(
            "backoffice/subscribers.html", rows=rows, how=how, most=deliveries.MOST_COUNTED,
            states={one.id: _state(one) for one in rows.items},
        )  # fmt: skip

    @expose("/new")
    def new(self) -> Any:
        """Show the form of a new one."""
        return self._render_new({}, {})

    @expose("/make", methods=("POST",))
    def make(self) -> Any:
        """Register one; its page shows the secret, this once."""
        wrong = Wrong()
        values = _wish(wrong)
        if not wrong:
            try:
                with transaction() as session:
                    made = subscribers.register(session, **values)
            except TooManySubscribers as problem:
                wrong.take(problem, "name")
            else:
                _remember_new_secret(made)
                words = f"{made.name} is told of what happens from now on."
                return done(words, "subscribers.show", subscriber_id=made.id)
        return make_response(self._render_new(_written(), wrong), 422)

    @expose("/<uuid:subscriber_id>")
    def show(self, subscriber_id: UUID) -> Any:
        """Show one, and what it was told, the newest first."""
        with transaction() as session:
            subscriber = subscribers.find(session, subscriber_id)
            return self._render(session, subscriber, _values(subscriber), {})

    @expose("/<uuid:subscriber_id>/change", methods=("POST",))
    def change(self, subscriber_id: UUID) -> Any:
        """Change who is told, where, and of what; a form that shows what is past is refused."""
        wrong = Wrong()
        values = _wish(wrong)
        with transaction() as session:
            subscriber = subscribers.lock(session, subscriber_id)
            if wrong:
                # A form that was refused still shows what is past.
                typed = _written() | {"shown": request.form.get("shown", "")}
                return make_response(self._render(session, subscriber, typed, wrong), 422)
            if request.form.get("shown") != _mark(subscriber):
                raise invalid("#/shown", "Somebody changed it meanwhile. Look at it again.")
            subscribers.change(session, subscriber, **values)
        return _shown(subscriber_id, f"{values['name']} is as you wrote.")

    @expose("/<uuid:subscriber_id>/switch", methods=("POST",))
    def switch(self, subscriber_id: UUID) -> Any:
        """Tell it nothing for now, or tell it again."""
        is_on = request.form.get("is_on") == "on"
        with transaction() as session:
            subscriber = subscribers.lock(session, subscriber_id)
            (subscribers.enable if is_on else subscribers.disable)(session, subscriber)
            name = subscriber.name
        words = f"{name} is told again." if is_on else f"{name} is off: it is told nothing."
        return _shown(subscriber_id, words)

    @expose("/<uuid:subscriber_id>/rotate", methods=("POST",))
    def rotate(self, subscriber_id: UUID) -> Any:
        """
        Give it a new secret, which its page shows this once.

        Sent twice, it is done once: otherwise the secret in use would end at the second time.
        """
        wrong = Wrong()
        hours = wrong.load(RotationSchema(), {"overlap_hours": forms.whole("overlap_hours")})
        with transaction() as session:
            subscriber = subscribers.lock(session, subscriber_id)
            if wrong:
                names = "overlap_hours", "generation"
                typed = {name: request.form.get(name, "") for name in names}
                values = _values(subscriber) | typed
                return make_response(self._render(session, subscriber, values, wrong), 422)
            if request.form.get("generation") != str(subscriber.secret_generation):
                raise invalid("#/generation", "It has a new secret already. Look at it again.")
            overlap = timedelta(hours=hours["overlap_hours"])
            subscribers.rotate(session, subscriber, overlap=overlap)
            _remember_new_secret(subscriber)
        return _shown(subscriber_id, "It has a new secret.")

    @expose("/<uuid:subscriber_id>/ping", methods=("POST",))
    def ping(self, subscriber_id: UUID) -> Any:
        """Send it an event that says nothing, to try the way."""
        with transaction() as session:
            deliveries.ping(session, subscribers.lock(session, subscriber_id))
        return _shown(subscriber_id, "A ping is on its way; what came of it stands below soon.")

    @expose("/<uuid:subscriber_id>/replay", methods=("POST",))
    def replay(self, subscriber_id: UUID) -> Any:
        """Deliver the chosen events again, under the ids they had."""
        chosen = request.form.getlist("delivery_id")
        if not chosen:
            raise invalid("#/delivery_id", "Choose the deliveries first.")
        wanted = forms.load(DeliveriesSchema(), {"delivery_ids": chosen})
        with transaction() as session:
            subscriber = subscribers.lock(session, subscriber_id)
            number = deliveries.replay(session, subscriber, wanted["delivery_ids"])
        return _shown(subscriber_id, f"{number} to be sent again.")

    @expose("/<uuid:subscriber_id>/remove", methods=("POST",))
    def remove(self, subscriber_id: UUID) -> Any:
        """Remove it, with what is left of its deliveries."""
        with transaction() as session:
            name = subscribers.find(session, subscriber_id).name
        remove.remove_subscriber(subscriber_id)
        return done(f"{name} is removed.", "subscribers.index")

    @expose("/<uuid:subscriber_id>/deliveries/<uuid:delivery_id>")
    def delivery(self, subscriber_id: UUID, delivery_id: UUID) -> Any:
        """Show a delivery: what is sent, and every try."""
        with transaction() as session:
            subscriber = subscribers.find(session, subscriber_id)
            found = deliveries.show(session, subscriber_id, delivery_id)
            body = json.dumps(json.loads(deliveries.body_of(found)), indent=2)
            return self.render(
                "backoffice/delivery.html", subscriber=subscriber, delivery=found, body=body,
                subject=about.event(session, found.event, found.subject),
            )  # fmt: skip

    def _render(
        self,
        session: Session,
        subscriber: Subscriber,
        values: Mapping[str, Any],
        wrong: Mapping[str, str],
    ) -> str:
        view = request.args.get("view", "all")
        rows = deliveries.page(
            session, subscriber.id, status=view if view in STATUSES else None, limit=AT_ONCE,
            cursor=request.args.get("cursor"),
        )  # fmt: skip
        return self.render(
            "backoffice/subscriber.html", subscriber=subscriber, state=_state(subscriber),
            values=values, wrong=wrong, rows=rows, view=view, views=VIEWS, choices=CHOICES,
            every=ALL, shown=_mark(subscriber), secret=self._new_secret(subscriber),
            most_hours=LONGEST_OVERLAP_HOURS,
        )  # fmt: skip

    def _render_new(self, values: Mapping[str, Any], wrong: Mapping[str, str]) -> str:
        return self.render(
            "backoffice/new_subscriber.html", values=values, wrong=wrong, choices=CHOICES,
            every=ALL,
        )  # fmt: skip

    def _new_secret(self, subscriber: Subscriber) -> str | None:
        """Tell a secret to who has just made it, once; to nobody later."""
        made = cookie.pop("new_secret", None)
        if not self.may("rotate") or made != _generation(subscriber):
            return None
        return secrets.secret_of(subscriber, shop_secret=sessions.shop_secret())


def _remember_new_secret(subscriber: Subscriber) -> None:
    """Remember whose secret the next page shows; the cookie can be read, so never the secret."""
    cookie["new_secret"] = _generation(subscriber)


def _generation(subscriber: Subscriber) -> str:
    return f"{subscriber.id}:{subscriber.secret_generation}"


def _mark(subscriber: Subscriber) -> str:
    """Sum up what a form shows of it, to tell whether that is past."""
    shown = json.dumps([subscriber.name, subscriber.url, subscriber.events])
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def _state(subscriber: Subscriber) -> str:
    if subscriber.disabled_at is not None:
        return "off"
    return "on" if subscriber.failing_since is None else "failing"


def _wish(wrong: Wrong) -> dict[str, Any]:
    """Read who is to be told, where and of what; what is wrong is told to ``wrong``."""
    written = _written()
    if not written["events"]:
        wrong["events"] = "choose one at least"
    values = wrong.load(SubscriberWishSchema(), written)
    if "does not match" in wrong.get("url", ""):
        wrong["url"] = "is no address, such as https://erp.example/hooks"
    if values and not wrong:
        try:
            subscribers.refuse_plain(values["url"], current_app.config["ORA"].app_env)
        except ValidationFailed as problem:
            wrong.take(problem)
    return values


def _written() -> dict[str, Any]:
    """Take what stands in the form."""
    named = {name: request.form.get(name, "").strip() for name in ("name", "url")}
    return named | {"events": request.form.getlist("events")}


def _values(subscriber: Subscriber) -> dict[str, Any]:
    return {"name": subscriber.name, "url": subscriber.url, "events": subscriber.events}


def _shown(subscriber_id: UUID, words: str) -> Any:
    return done(words, "subscribers.show", subscriber_id=subscriber_id)
