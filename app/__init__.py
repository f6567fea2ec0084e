"""The shop: a Flask app made of rooms; see docs/architecture.md for who may import whom."""

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask

from app import cli
from app.accounts import accounts as people
from app.accounts import routes as accounts
from app.alerts import routes as alerts
from app.alerts.metrics import AlertSource
from app.audit import routes as audit
from app.backoffice import site
from app.checkout import routes as checkout
from app.config import Settings, load_settings, plain
from app.core import (
    api,
    auth,
    db,
    docs,
    faults,
    health,
    jobs,
    limits,
    logs,
    metrics,
    redis_client,
    replica,
    tracing,
    watching,
)
from app.coupons import routes as coupons
from app.fulfilment import routes as fulfilment
from app.inventory import routes as inventory
from app.inventory.metrics import DriftSource, ReservationSource
from app.invoices import routes as invoices
from app.merchandising import routes as merchandising
from app.messages import routes as messages
from app.orders import routes as orders
from app.payments import gateway
from app.payments.cash_on_delivery import CashOnDelivery
from app.payments.gateway import Gateway
from app.payments.metrics import BreakerSource, PaymentSource, RefundSource
from app.payments.razorpay import Razorpay
from app.payments.stripe import Stripe
from app.reports import routes as reports
from app.returns import routes as returns
from app.storefront import routes as storefront
from app.subscribers import routes as subscribers
from app.transfers import routes as transfers
from app.treasury import routes as treasury
from app.treasury.metrics import LedgerSource
from app.waiting_room import routes as waiting_room
from app.waitlist import routes as waitlist
from app.webhooks import routes as webhooks
from app.webhooks.metrics import InboxSource


class Shop(Flask):
    """A Flask app none of whose functions is a coroutine, so that none is looked at for it."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Take a function as it is."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """
    Make the app; reads the environment where no settings are given.

    Raises:
        ConfigurationError: the environment cannot be used.
    """
    settings = settings or load_settings()
    connect(settings)
    app = Shop(__name__, static_folder=None)
    app.config["ORA"] = settings
    is_secure = settings.app_env == "production"
    api.init_app(app, is_secure=is_secure)
    watching.init_app(app, logged=settings.log_requests, is_continued=settings.trusted_proxies > 0)
    secret = settings.secret_key.get_secret_value()
    auth.init_app(app, secret=secret, standing=people.require_standing)
    limits.init_app(
        app,
        is_on=settings.rate_limits == "on",
        redis_url=settings.queue_redis_url,
        proxies=settings.trusted_proxies,
    )
    shop = docs.init_app(app)
    for blueprint in (
        storefront.catalogue,
        waitlist.blueprint,
        waiting_room.blueprint,
        inventory.blueprint,
        inventory.admin,
        accounts.auth,
        accounts.me,
        accounts.admin,
        storefront.cart,
        checkout.blueprint,
        orders.blueprint,
        coupons.admin,
        fulfilment.blueprint,
        fulfilment.admin,
        fulfilment.preorders,
        fulfilment.leaving,
        returns.blueprint,
        returns.admin,
        invoices.blueprint,
        invoices.admin,
        messages.blueprint,
        webhooks.blueprint,
        webhooks.admin,
        treasury.admin,
        alerts.admin,
        merchandising.admin,
        transfers.admin,
        reports.admin,
        subscribers.admin,
        audit.admin,
        health.blueprint,
        metrics.blueprint,
    ):
        shop.register_blueprint(blueprint)
    site.init_app(
        app,
        secret=secret,
        is_secure=is_secure,
        otherwise=shop.handle_http_exception,
    )
    sources = (
        DriftSource(), ReservationSource(), AlertSource(), BreakerSource(), PaymentSource(),
        RefundSource(), LedgerSource(), InboxSource(),
    )  # fmt: skip
    metrics.init_app(app, sources, token=plain(settings.metrics_token))
    cli.init_app(app)
    return app


def connect(settings: Settings, *, process: str = "web") -> None:
    """Give this process its connections; web and workers share nothing else."""
    logs.configure(as_json=settings.app_env == "production")
    tracing.connect(
        endpoint=settings.otel_exporter_otlp_endpoint,
        service=f"ora-{process}",
        release=settings.release,
        environment=settings.app_env,
    )
    faults.connect(
        dsn=plain(settings.sentry_dsn),
        process=process,
        release=settings.release,
        environment=settings.app_env,
    )
    is_pooled = settings.database_pooler == "transaction"
    db.connect(settings.database_url, is_pooled=is_pooled)
    replica.connect(
        settings.replica_database_url,
        longest_lag_seconds=settings.replica_longest_lag_seconds,
        is_pooled=is_pooled,
    )
    redis_client.connect(settings.stock_redis_url)
    jobs.connect(settings.queue_redis_url)
    gateway.connect(_gateways(settings), offered=settings.payment_gateways)


def _gateways(settings: Settings) -> Iterator[Gateway]:
    """Make the gateways that the shop has the keys of, offered to buyers or not."""
    is_capture_manual = settings.payment_capture == "manual"
    yield Razorpay(
        key_id=settings.razorpay_key_id,
        key_secret=settings.razorpay_key_secret.get_secret_value(),
        base_url=settings.razorpay_api_url,
        webhook_secrets=settings.razorpay_webhook_secrets,
        account_id=settings.razorpay_account_id,
        is_capture_manual=is_capture_manual,
    )
    yield CashOnDelivery(up_to=settings.cash_on_delivery_up_to)
    if settings.stripe_secret_key is not None:
        yield Stripe(
            secret_key=settings.stripe_secret_key.get_secret_value(),
            publishable_key=settings.stripe_publishable_key or "",
            base_url=settings.stripe_api_url,
            webhook_secrets=settings.stripe_webhook_secrets,
            is_capture_manual=is_capture_manual,
        )


def disconnect() -> None:
    """Close what connect() opened."""
    replica.disconnect()
    db.disconnect()
    redis_client.disconnect()
    jobs.disconnect()
    gateway.disconnect()
