"""Mails, each caused by a row of the outbox."""

import hashlib
from datetime import datetime
from uuid import UUID

import structlog

from app.accounts import accounts, passwords, verification
from app.accounts.models import User
from app.alerts import alerts
from app.config import load_settings
from app.core import points
from app.core.db import transaction
from app.core.ids import new_id
from app.core.india import INDIA
from app.messages import facts, mail, notifications, wording
from app.messages.wording import Words
from app.orders.models import Order
from app.waitlist import waitlist

log = structlog.get_logger(__name__)


def send_notification(notification_id: str) -> None:
    """Mail a customer what the account says already."""
    with transaction() as session:
        told = notifications.find(session, UUID(notification_id))
        found = facts.find(session, told.event, told.subject)
        customer = accounts.addressee(session, told.user_id)
    if customer is None:
        return
    error = _send(
        customer,
        wording.put(told.event, order=found.order, **found.more),
        reference=f"{told.event}.{told.order_id}.{told.id}",
        order=found.order if told.event in wording.WITH_ORDER else None,
    )
    if error is not None:
        with transaction() as session:
            notifications.note_undeliverable(session, told.id, error)


def send_verification(user_id: str) -> None:
    """Ask a customer to show that the address is theirs, unless they have."""
    secret = load_settings().secret_key.get_secret_value()
    with transaction() as session:
        user = accounts.addressee(session, UUID(user_id))
    if user is not None and user.email_verified_at is None:
        link = _link("verify-email", verification.make_token(secret, user))
        words = wording.put("verify_email", link=link)
        _send(user, words, reference=f"verify-email.{new_id()}")


def send_password_reset(user_id: str) -> None:
    """Send a customer the link for a new password; its token is made here, and kept nowhere."""
    with transaction() as session:
        user = accounts.addressee(session, UUID(user_id))
        if user is None:
            return
        token = passwords.make_reset(session, user.id)
    words = wording.put("reset_password", link=_link("reset-password", token))
    _send(user, words, reference=f"reset-password.{new_id()}")


def send_alert(alert_id: str) -> None:
    """Tell every admin what there is to look at, unless it is over already."""
    with transaction() as session:
        alert = alerts.find(session, UUID(alert_id))
    if alert.closed_at is None:
        send_to_admins(wording.put("alert", alert=alert), reference=f"alert.{alert.id}")


def send_back_in_stock(entry_id: str) -> None:
    """Tell a customer who waited that a product can be bought again."""
    with transaction() as session:
        found = waitlist.find(session, UUID(entry_id))
        customer = found and accounts.addressee(session, found[0].user_id)
    if not found or customer is None:
        return
    _, product = found
    shop = load_settings().storefront_url.rstrip("/")
    words = wording.put("back_in_stock", product=product, link=f"{shop}/products/{product.slug}")
    _send(customer, words, reference=f"back-in-stock.{entry_id}")


def send_low_stock(lines: list[str], products: int) -> None:
    """Tell every admin which products are about to be sold out."""
    words = wording.put("low_stock", lines=lines, products=products)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    send_to_admins(words, reference=f"low-stock.{datetime.now(INDIA):%Y-%m-%d}.{digest}")


def send_to_admins(words: Words, *, reference: str) -> None:
    """Mail every admin; an address that takes no mail keeps none from the others."""
    with transaction() as session:
        admins = accounts.admins(session)
    for admin in admins:
        _send(admin, words, reference=f"{reference}.{admin.id}")


def _link(page: str, token: str) -> str:
    return f"{load_settings().storefront_url.rstrip('/')}/{page}?token={token}"


def _send(user: User, words: Words, *, reference: str, order: Order | None = None) -> str | None:
    """Mail somebody; tells why it can never arrive, where that is so."""
    settings = load_settings()
    message = mail.compose(
        sender=settings.mail_from,
        to=user.email,
        subject=words.subject,
        bodies=wording.lay_out(words, name=user.name, order=order),
        reference=reference,
    )
    try:
        mail.send(message, url=settings.mail_url)
        points.reached("mail.after-send")
    except mail.UndeliverableError as error:
        log.warning("mail.undeliverable", reference=reference, error=error)
        return str(error)
    return None
