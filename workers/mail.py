"""Mails, each caused by a row of the outbox."""

import hashlib
from datetime import datetime
from uuid import UUID

import structlog

from app.accounts import accounts
from app.alerts import alerts
from app.config import load_settings
from app.core.db import transaction
from app.messages import facts, mail, notifications, wording

log = structlog.get_logger(__name__)


def send_notification(notification_id: str) -> None:
    """Mail a customer what the account says already."""
    settings = load_settings()
    with transaction() as session:
        told = notifications.find(session, UUID(notification_id))
        found = facts.find(session, told.event, told.subject)
        customer = accounts.find(session, told.user_id)
    words = wording.put(told.event, order=found.order, **found.more)
    order = found.order if told.event in wording.WITH_ORDER else None
    message = mail.compose(
        sender=settings.mail_from,
        to=customer.email,
        subject=words.subject,
        bodies=wording.lay_out(words, name=customer.name, order=order),
        reference=f"{told.event}.{told.order_id}.{told.id}",
    )
    try:
        mail.send(message, url=settings.mail_url)
    except mail.UndeliverableError as error:
        log.warning("mail.undeliverable", notification_id=notification_id, error=str(error))
        with transaction() as session:
            notifications.note_undeliverable(session, told.id, str(error))


def send_alert(alert_id: str) -> None:
    """Tell every admin what there is to look at, unless it is over already."""
    with transaction() as session:
        alert = alerts.find(session, UUID(alert_id))
    if alert.closed_at is None:
        send_to_admins(wording.put("alert", alert=alert), reference=f"alert.{alert.id}")


def send_low_stock(lines: list[str], products: int) -> None:
    """Tell every admin which products are about to be sold out."""
    words = wording.put("low_stock", lines=lines, products=products)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    send_to_admins(words, reference=f"low-stock.{datetime.now(wording.INDIA):%Y-%m-%d}.{digest}")


def send_to_admins(words: wording.Words, *, reference: str) -> None:
    """Mail every admin; an address that takes no mail keeps none from the others."""
    settings = load_settings()
    with transaction() as session:
        admins = accounts.admins(session)
    for admin in admins:
        message = mail.compose(
            sender=settings.mail_from,
            to=admin.email,
            subject=words.subject,
            bodies=wording.lay_out(words, name=admin.name),
            reference=f"{reference}.{admin.id}",
        )
        try:
            mail.send(message, url=settings.mail_url)
        except mail.UndeliverableError as error:
            log.warning("mail.undeliverable", reference=reference, error=str(error))
