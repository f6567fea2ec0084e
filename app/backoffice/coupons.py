"""Coupons: what they take off, until when, and which orders used them; admins change them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from flask import flash, make_response, redirect, request, url_for
from flask_admin import expose
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.backoffice import forms
from app.backoffice.forms import Wrong
from app.backoffice.page import ADMINS, EVERYBODY, Page, done
from app.backoffice.words import field_moment, percent
from app.core.db import transaction
from app.core.money import BASIS_POINTS, CURRENCY, rupees
from app.core.pages import newest_first
from app.core.problems import ValidationFailed, invalid
from app.core.texts import storable
from app.coupons import desk
from app.coupons.errors import CouponChanged, CouponTaken
from app.coupons.models import Coupon, CouponUse
from app.coupons.schemas import CouponChangeSchema, NewCouponSchema
from app.orders.models import Order

AT_ONCE = 25
LONGEST_CODE = 40
VIEWS = ("all", *desk.STATES)
MONEY = ("amount", "minimum_subtotal", "maximum_discount")
LIMITS = ("usage_limit", "usage_limit_per_customer")
MOMENTS = ("starts_at", "ends_at")
FIELDS = ("code", "description", "basis_points", *MONEY, *MOMENTS, *LIMITS)


class Coupons(Page):
    """Coupons."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {
        "index": EVERYBODY, "show": EVERYBODY, "new": ADMINS, "make": ADMINS, "change": ADMINS,
        "switch": ADMINS,
    }  # fmt: skip

    @expose("/")
    def index(self) -> Any:
        """List coupons, the newest first, those of a state, or those with a piece of a code."""
        view, term = request.args.get("view", "all"), request.args.get("q", "").strip()
        with transaction() as session:
            rows = desk.page(
                session, state=view if view in desk.STATES else None,
                q=(storable(term) or "?")[:LONGEST_CODE] if term else None,
                limit=AT_ONCE, cursor=request.args.get("cursor"),
            )  # fmt: skip
        now = datetime.now(UTC)
        states = {coupon.code: desk.state_of(coupon, now) for coupon in rows.items}
        return self.render(
            "backoffice/coupons.html", rows=rows, states=states, view=view, views=VIEWS, term=term
        )

    @expose("/new")
    def new(self) -> Any:
        """Show the form of a new one."""
        return self.render("backoffice/new_coupon.html", values={}, wrong={})

    @expose("/make", methods=("POST",))
    def make(self) -> Any:
        """Make one."""
        wrong = Wrong()
        # A field of which nothing is said is as a coupon without it.
        written = {name: value for name, value in _terms(wrong).items() if value is not None}
        code = request.form.get("code", "").strip()
        values = wrong.load(NewCouponSchema(), written | {"code": code})
        if not wrong:
            try:
                with transaction() as session:
                    made = desk.add(session, values).code
                return done(f"{made} can be used.", "coupons_page.show", code=made)
            except (CouponTaken, ValidationFailed) as problem:
                wrong.take(problem, "code")
        return make_response(
            self.render("backoffice/new_coupon.html", values=request.form, wrong=_placed(wrong)),
            422,
        )

    @expose("/<sku:code>")
    def show(self, code: str) -> Any:
        """Show one, and what used it."""
        with transaction() as session:
            coupon = desk.find(session, code)
            return self._render(session, coupon, _values(coupon), {})

    @expose("/<sku:code>/change", methods=("POST",))
    def change(self, code: str) -> Any:
        """Change its terms; a form that is older than somebody else's change is refused."""
        wrong = Wrong()
        written = _terms(wrong) | {"revision": forms.whole("revision")}
        with transaction() as session:
            coupon = desk.find(session, code)
            # A field holds minutes; one that nobody touched keeps the seconds.
            for name in MOMENTS:
                if request.form.get(name) == _values(coupon)[name]:
                    written.pop(name)
        values = wrong.load(CouponChangeSchema(), written)
        if not wrong:
            try:
                return _changed(code, values, f"{code} is as you wrote.")
            except ValidationFailed as problem:
                wrong.take(problem)
        with transaction() as session:
            coupon = desk.find(session, code)
            return make_response(self._render(session, coupon, request.form, _placed(wrong)), 422)

    @expose("/<sku:code>/switch", methods=("POST",))
    def switch(self, code: str) -> Any:
        """Switch it off, or on again; orders that have it keep their prices."""
        is_on = request.form.get("is_active") == "on"
        revision = forms.whole("revision")
        if not isinstance(revision, int):
            raise invalid("#/revision", "The form is not one of ours.")
        words = f"{code} can be used again." if is_on else f"{code} is off: nobody can use it now."
        return _changed(code, {"revision": revision, "is_active": is_on}, words)

    def _render(
        self, session: Session, coupon: Coupon, values: Mapping[str, str], wrong: Mapping[str, str]
    ) -> str:
        used = select(Order).join(CouponUse, CouponUse.order_id == Order.id)
        used = used.where(CouponUse.coupon_id == coupon.id)
        orders = newest_first(
            session, used, Order.created_at, Order.id, limit=AT_ONCE,
            cursor=request.args.get("cursor"),
        )  # fmt: skip
        total = select(func.count(), func.coalesce(func.sum(Order.discount), 0))
        total = total.join(CouponUse, CouponUse.order_id == Order.id)
        in_force = CouponUse.coupon_id == coupon.id, CouponUse.given_back_at.is_(None)
        count, discount = session.execute(total.where(*in_force)).one()
        ids = [order.id for order in orders.items]
        back = select(CouponUse.order_id).where(
            CouponUse.order_id.in_(ids), CouponUse.given_back_at.is_not(None)
        )
        return self.render(
            "backoffice/coupon.html", coupon=coupon, values=values, wrong=wrong, orders=orders,
            state=desk.state_of(coupon, datetime.now(UTC)), count=count, discount=int(discount),
            given_back=set(session.scalars(back)),
        )  # fmt: skip


def _terms(wrong: Wrong) -> dict[str, Any]:
    """Read what the form says of a coupon; an empty field is None."""
    terms: dict[str, Any] = {"description": request.form.get("description", "").strip() or None}
    terms["basis_points"] = share = wrong.read("basis_points", forms.basis_points)
    if share is not None and not 0 < share <= BASIS_POINTS:
        wrong["basis_points"] = "is not from 0.01 to 100"
    for name in MONEY:
        paise = wrong.read(name, forms.paise)
        terms[name] = None if paise is None else {"amount": paise, "currency": CURRENCY}
    # Of these two none is something as well.
    terms["minimum_subtotal"] = terms["minimum_subtotal"] or {"amount": 0, "currency": CURRENCY}
    for name in MOMENTS:
        at = wrong.read(name, forms.moment)
        terms[name] = at and at.isoformat()
    for name in LIMITS:
        terms[name] = forms.whole(name) if request.form.get(name, "").strip() else None
    return terms


def _placed(wrong: Wrong) -> Wrong:
    """Put what is wrong with the whole beside the field where it begins."""
    if wrong.pop("_schema", None):
        is_unsaid = not (request.form.get("basis_points") or request.form.get("amount"))
        both = "say either a share or an amount, not both"
        wrong.setdefault("basis_points", "say a share or an amount" if is_unsaid else both)
    if "starts_at" in wrong.get("ends_at", ""):
        wrong["ends_at"] = "is not after its beginning"
    return wrong


def _changed(code: str, values: dict[str, Any], words: str) -> Any:
    revision = values.pop("revision")
    try:
        with transaction() as session:
            desk.change(session, code, revision=revision, values=values)
    except CouponChanged as problem:
        flash(problem.title(), "error")
        return redirect(url_for("coupons_page.show", code=code))
    return done(words, "coupons_page.show", code=code)


def _values(coupon: Coupon) -> dict[str, str]:
    """Write a coupon as the fields of its form hold it."""
    values = {name: getattr(coupon, name) for name in FIELDS}
    return {name: _written(name, value) for name, value in values.items()}


def _written(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in MOMENTS:
        return field_moment(value)
    if name in MONEY:
        return rupees(value)
    return percent(value) if name == "basis_points" else str(value)
