"""Mails, each caused by a row of the outbox."""

from uuid import UUID

from app.accounts import accounts
from app.alerts import alerts
from app.config import load_settings
from app.core.db import transaction
from app.messages import alert as alert_mail
from app.messages import mail, order_confirmed
from app.orders import orders


def send_order_confirmed(order_id: str) -> None:
    """Tell a customer that the order is paid."""
    settings = load_settings()
    with transaction() as session:
        order = orders.find(session, UUID(order_id))
        customer = accounts.find(session, order.user_id)
    message = mail.compose(
        sender=settings.mail_from,
        to=customer.email,
        subject=order_confirmed.subject(order),
        body=order_confirmed.body(order, name=customer.name),
        reference=f"order-confirmed.{order.id}",
    )
    mail.send(message, url=settings.mail_url)


def send_alert(alert_id: str) -> None:
    """Tell every admin what there is to look at, unless it is over already."""
    settings = load_settings()
    with transaction() as session:
        alert = alerts.find(session, UUID(alert_id))
        admins = accounts.admins(session)
    if alert.closed_at is not None:
        return
    for admin in admins:
        message = mail.compose(
            sender=settings.mail_from,
            to=admin.email,
            subject=alert_mail.subject(alert),
            body=alert_mail.body(alert),
            reference=f"alert.{alert.id}.{admin.id}",
        )
        mail.send(message, url=settings.mail_url)
