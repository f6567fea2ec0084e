"""Operations: drift and its repair, the money ledger added up, and the settings in effect."""

from typing import Any, ClassVar

from flask import current_app
from flask_admin import expose
from pydantic import SecretStr
from sqlalchemy import func, select

from app.backoffice.page import ADMINS, Page, done
from app.catalog.models import Product
from app.config import Settings
from app.core import jobs
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import ledger, stock
from app.inventory.models import StockDrift
from app.treasury import audit

LATEST = 50


class Operations(Page):
    """What keeps the shop true."""

    GROUP = "Watching"
    ALLOWED: ClassVar = {"index": ADMINS, "books": ADMINS, "compare": ADMINS, "rebuild": ADMINS}

    @expose("/")
    def index(self) -> Any:
        """Show what was found, and the settings."""
        return self._show(books=None)

    @expose("/books")
    def books(self) -> Any:
        """Show whether the books add up, which goes through all there is."""
        with transaction() as session:
            skus = stock.page(session, is_low=False, limit=None, after=None)
            books = {
                "wrong": [*ledger.disagreements(session, skus)],
                "money": audit.totals(session),
                "findings": audit.findings(session),
            }
        return self._show(books=books)

    def _show(self, *, books: dict[str, Any] | None) -> str:
        drifts = select(StockDrift, Product.sku).join(Product, Product.id == StockDrift.product_id)
        with transaction() as session:
            return self.render(
                "backoffice/operations.html",
                drifts=session.execute(drifts.order_by(StockDrift.id.desc()).limit(LATEST)).all(),
                products=session.scalar(select(func.count()).select_from(Product)),
                books=books,
                settings=_settings(current_app.config["ORA"]),
            )

    @expose("/compare", methods=("POST",))
    def compare(self) -> Any:
        """Have all products compared now, and repaired where they differ."""
        with transaction() as session:
            jobs.stage_if_none(session, "stock.reconcile", after="")
        return done(
            "All products are being compared; what differs after half a minute is repaired.",
            "operations.index",
        )

    @expose("/rebuild", methods=("POST",))
    def rebuild(self) -> Any:
        """Tell Redis of every product anew, from Postgres."""
        with transaction() as session:
            skus = stock.page(session, is_low=False, limit=None, after=None)
        for sku in skus:
            # One by one, so that nobody waits for all of them.
            with transaction() as session:
                stock.load(session, redis(), [sku], is_forced=True)
        return done(f"Redis was told of {len(skus)} products anew.", "operations.index")


def _settings(settings: Settings) -> list[tuple[str, str]]:
    """List the settings; of a secret, whether there is one."""
    found = []
    for name, value in settings:
        is_secret = isinstance(value, SecretStr) or not Settings.model_fields[name].repr
        shown = ("set" if value else "not set") if is_secret else str(value)
        found.append((name.upper(), shown))
    return found
