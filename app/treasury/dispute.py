"""A payer's bank disputes a payment: it is written down, and a person is told."""

from app.alerts import alerts
from app.core.db import transaction
from app.payments import attempts, disputes, refunds
from app.payments.terms import DisputeNews


def follow_dispute(news: DisputeNews) -> None:
    """
    Write what a gateway says of a dispute; while one is open, no refund leaves.

    What its bank took of a capture cannot go back to the payer once more.

    Raises:
        AttemptNotFound: it is about no payment of this shop's.
    """
    with transaction() as session:
        attempt = attempts.lock(session, news.gateway_payment_id)
        dispute, is_moved = disputes.record(session, attempt, news)
        if not is_moved:
            return
        if dispute.status in disputes.OPEN:
            until = (
                f", answer by {dispute.respond_by:%d %b %Y %H:%M} UTC" if dispute.respond_by else ""
            )
            detail = (
                f"{dispute.amount} paise of {attempt.gateway_payment_id}: {dispute.reason}{until}"
            )
            alerts.sound(session, "dispute", dispute.gateway_dispute_id, detail)
        else:
            alerts.close(session, "dispute", dispute.gateway_dispute_id, by="gateway")
            for refund in refunds.give_up_lost(session, attempt):
                alerts.close(session, "refund_stuck", str(refund.id), by="gateway")
