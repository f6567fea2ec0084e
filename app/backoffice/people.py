"""People: customers, guests and those who work here; an admin gives roles."""

from typing import Any, ClassVar
from uuid import UUID

from flask import request
from flask_admin import expose
from sqlalchemy import select

from app.accounts import accounts, notes
from app.accounts.errors import AccountNotFound
from app.accounts.models import User
from app.accounts.schemas import ROLES
from app.backoffice import actors, forms
from app.backoffice.page import ADMINS, EVERYBODY, Page, done, person
from app.core.auth import GUEST
from app.core.db import transaction
from app.core.pages import newest_first
from app.core.problems import invalid
from app.core.texts import storable
from app.orders import orders

AT_ONCE = 25
LATEST = 20
VIEWS = {"all": None, "customers": "customer", "guests": GUEST, "staff": "staff", "admins": "admin"}


class People(Page):
    """People."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {
        "index": EVERYBODY, "show": EVERYBODY, "give_role": ADMINS, "reset_second_factor": ADMINS,
        "add_note": EVERYBODY, "remove_note": ADMINS,
    }  # fmt: skip

    @expose("/")
    def index(self) -> Any:
        """List accounts, the newest first, or those of a mail address."""
        view, term = request.args.get("view", "all"), request.args.get("q", "").strip()
        query = select(User).where(User.deleted_at.is_(None))
        if VIEWS.get(view):
            query = query.where(User.role == VIEWS[view])
        if term:
            query = query.where(User.email == (storable(term) or "").lower())
        with transaction() as session:
            rows = newest_first(
                session, query, User.created_at, User.id, limit=AT_ONCE,
                cursor=request.args.get("cursor"),
            )  # fmt: skip
        return self.render("backoffice/people.html", rows=rows, view=view, views=VIEWS, term=term)

    @expose("/<uuid:account_id>")
    def show(self, account_id: UUID) -> Any:
        """Show somebody with what they ordered."""
        with transaction() as session:
            who = accounts.addressee(session, account_id)
            if who is None:
                raise AccountNotFound
            bought = orders.page(session, account_id, status=None, limit=LATEST, cursor=None)
            written = notes.of_account(session, account_id)
            names = actors.named(session, [note.actor for note in written])
        return self.render(
            "backoffice/who.html", who=who, orders=bought.items, roles=ROLES, notes=written,
            names=names, longest_note=notes.LONGEST,
        )  # fmt: skip

    @expose("/<uuid:account_id>/note", methods=("POST",))
    def add_note(self, account_id: UUID) -> Any:
        """Note something of somebody, for whoever looks here next."""
        words = forms.paragraphs("note", longest=notes.LONGEST)
        with transaction() as session:
            notes.add(session, account_id, words, actor=person().actor)
        return done("It is noted.", "people.show", account_id=account_id)

    @expose("/<uuid:account_id>/notes/<uuid:note_id>/remove", methods=("POST",))
    def remove_note(self, account_id: UUID, note_id: UUID) -> Any:
        """Remove a note; the audit log keeps that it was there, not what it said."""
        with transaction() as session:
            notes.remove(session, account_id, note_id)
        return done("The note is gone.", "people.show", account_id=account_id)

    @expose("/<uuid:account_id>/role", methods=("POST",))
    def give_role(self, account_id: UUID) -> Any:
        """Give somebody a role; their sessions end."""
        role = request.form.get("role", "")
        if role not in ROLES:
            raise invalid("#/role", f"is none of {', '.join(ROLES)}")
        with transaction() as session:
            who = accounts.give_role(session, account_id, role)
        return done(f"{who.name} is {role} now.", "people.show", account_id=account_id)

    @expose("/<uuid:account_id>/reset-second-factor", methods=("POST",))
    def reset_second_factor(self, account_id: UUID) -> Any:
        """Let somebody in by the password alone, who has lost their phone."""
        with transaction() as session:
            who = accounts.reset_second_factor(session, account_id, by=person().id)
        words = f"{who.name} signs in by the password alone now."
        return done(words, "people.show", account_id=account_id)
