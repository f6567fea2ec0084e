"""All pages, put together."""

from collections.abc import Callable

from flask import Blueprint, Flask, request
from flask_admin import Admin
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app.backoffice import sessions, words
from app.backoffice.account import Account
from app.backoffice.alerts import Alerts
from app.backoffice.categories import Categories
from app.backoffice.coupons import Coupons
from app.backoffice.figures import Figures
from app.backoffice.files import Files
from app.backoffice.inbox import Inbox
from app.backoffice.jobs import Jobs
from app.backoffice.log import Log
from app.backoffice.money import Money
from app.backoffice.operations import Operations
from app.backoffice.orders import Orders
from app.backoffice.people import People
from app.backoffice.preorders import Preorders
from app.backoffice.prices import Prices
from app.backoffice.products import Products
from app.backoffice.returned import Returned
from app.backoffice.shelf import Shelf
from app.backoffice.sign_in import SignIn
from app.backoffice.subscribers import Subscribers
from app.backoffice.today import Today
from app.catalog.images import image_url

Answer = Callable[[HTTPException], Response]


def init_app(app: Flask, *, secret: str, is_secure: bool, otherwise: Answer) -> None:
    """Serve the pages below /admin; ``otherwise`` answers for what is outside."""
    sessions.init_app(app, secret=secret, is_secure=is_secure)
    words.init_app(app)
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.jinja_env.globals |= {"csrf_token": generate_csrf, "image_url": image_url}
    files = Blueprint(
        "backoffice", __name__, url_prefix=sessions.ROOT, template_folder="templates",
        static_folder="static", static_url_path="/files",
    )  # fmt: skip
    app.register_blueprint(files)
    pages = Admin(
        app, name="ORA", url=sessions.ROOT,
        index_view=Today(name="Today", endpoint="today", url=sessions.ROOT),
    )  # fmt: skip
    door = SignIn(name="Sign in", endpoint="sign_in", url="sign-in")
    pages.add_view(door)
    pages.add_view(Account(name="Your account", endpoint="account", url="account"))
    pages.add_view(Orders(name="Orders", endpoint="orders_page", url="orders"))
    pages.add_view(Products(name="Products", endpoint="products_page", url="products"))
    pages.add_view(Categories(name="Categories", endpoint="categories", url="categories"))
    pages.add_view(Shelf(name="Stock", endpoint="shelf", url="stock"))
    pages.add_view(Preorders(name="Pre-orders", endpoint="preorders_page", url="pre-orders"))
    pages.add_view(Prices(name="Prices", endpoint="prices", url="prices"))
    pages.add_view(Files(name="Files", endpoint="files", url="imports"))
    pages.add_view(Coupons(name="Coupons", endpoint="coupons_page", url="coupons"))
    pages.add_view(Returned(name="Returns", endpoint="returned", url="returns"))
    pages.add_view(Money(name="Money", endpoint="money", url="money"))
    pages.add_view(People(name="People", endpoint="people", url="people"))
    pages.add_view(Figures(name="Reports", endpoint="figures", url="reports"))
    pages.add_view(Alerts(name="Alerts", endpoint="alerts", url="alerts"))
    pages.add_view(Inbox(name="Webhooks", endpoint="inbox", url="webhooks"))
    pages.add_view(Subscribers(name="Subscribers", endpoint="subscribers", url="subscribers"))
    pages.add_view(Jobs(name="Jobs", endpoint="jobs", url="jobs"))
    pages.add_view(Log(name="Audit log", endpoint="log", url="log"))
    pages.add_view(Operations(name="Operations", endpoint="operations", url="operations"))

    def answer(error: HTTPException) -> Response:
        is_ours = request.path.startswith(f"{sessions.ROOT}/")
        return door.answer_stray(error) if is_ours else otherwise(error)

    app.register_error_handler(HTTPException, answer)
