"""Refunds: written, asked of the gateway, ended; never more than was captured."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session, aliased

from app.core import jobs
from app.core.announcements import announce
from app.core.ids import new_id, read_id
from app.core.pages import Page, newest_first
from app.core.problems import ReferenceReused
from app.payments import attempts, polling
from app.payments.errors import RefundExceedsCapture, RefundNotFound
from app.payments.models import PaymentAttempt, Refund
from app.payments.terms import RefundNews, Speed

LONGEST_ERROR = 500
# Of one try, in a list of many: one that fails again and again has as many.
MOST_LISTED = 10
REFUNDED_ELSEWHERE = "the money went back by another refund"
TAKEN_BY_BANK = "the payer's bank took the money back"


def send_back(session: Session, attempt: PaymentAttempt, *, reason: str) -> None:
    """Send back what is left of a capture that pays for nothing."""
    attempt.outcome = "refunded"
    session.flush()
    attempts.lock(session, attempt.gateway_payment_id)
    _send_rest(session, attempt, reason=reason)


def _send_rest(session: Session, attempt: PaymentAttempt, *, reason: str) -> None:
    left = attempts.left(attempt)
    if not left:
        return
    earlier = len(of_attempt(session, attempt.gateway_payment_id))
    reference = f"rest:{attempt.gateway_payment_id}:{earlier}"
    request(session, attempt, amount=left, reason=reason, reference=reference, actor="shop")


def request(
    session: Session,
    attempt: PaymentAttempt,
    *,
    amount: int,
    reason: str,
    reference: str,
    actor: str,
    speed: Speed = "normal",
) -> Refund:
    """
    Write a refund of a locked try; a job asks the gateway after the commit.

    Repeated under the same ``reference`` it is the refund that was written before.

    Raises:
        RefundExceedsCapture: telling what is left.
        ReferenceReused: another refund has this reference.
    """
    earlier = by_reference(session, reference)
    if earlier is not None:
        if (earlier.gateway_payment_id, earlier.amount) != (attempt.gateway_payment_id, amount):
            raise ReferenceReused
        return earlier
    left = attempts.left(attempt)
    if not 0 < amount <= left:
        raise RefundExceedsCapture(left=left)
    attempt.amount_refunded += amount
    refund = Refund(
        id=new_id(),
        gateway_payment_id=attempt.gateway_payment_id,
        amount=amount,
        reason=reason,
        reference=reference,
        actor=actor,
        speed=speed,
        next_poll_at=func.now() + polling.FIRST_POLL,
    )
    session.add(refund)
    session.flush()
    jobs.stage(session, "payments.refund", refund_id=str(refund.id))
    announce(session, "refund.created", refund.id)
    return refund


def find(session: Session, refund_id: UUID) -> Refund:
    """
    Find a refund.

    Raises:
        RefundNotFound: there is none.
    """
    refund = session.get(Refund, refund_id)
    if refund is None:
        raise RefundNotFound
    return refund


def by_reference(session: Session, reference: str) -> Refund | None:
    """Find the refund of a reference, if it was written."""
    return session.scalars(select(Refund).where(Refund.reference == reference)).one_or_none()


def again(refund: Refund) -> str:
    """Name the refund that is written in the place of one that failed."""
    return f"again:{refund.id}"


def latest(session: Session, refund: Refund) -> Refund:
    """Find the refund that was written last in the place of one that failed, or that one."""
    while refund.status == "failed":
        anew = by_reference(session, again(refund))
        if anew is None:
            break
        refund = anew
    return refund


def of_attempt(session: Session, gateway_payment_id: str) -> Sequence[Refund]:
    """List the refunds of a try, the first one first."""
    return session.scalars(
        select(Refund)
        .where(Refund.gateway_payment_id == gateway_payment_id)
        .order_by(Refund.created_at, Refund.id)
    ).all()


def of_attempts(
    session: Session, gateway_payment_ids: Sequence[str]
) -> Mapping[str, Sequence[Refund]]:
    """List the refunds of each of some tries, the first MOST_LISTED of one, the first one first."""
    of_try = Refund.gateway_payment_id == PaymentAttempt.gateway_payment_id
    each = select(Refund).where(of_try).order_by(Refund.created_at, Refund.id).limit(MOST_LISTED)
    refund = aliased(Refund, each.correlate(PaymentAttempt).lateral())
    query = select(refund).select_from(PaymentAttempt).join(refund, true())
    query = query.where(PaymentAttempt.gateway_payment_id.in_(gateway_payment_ids))
    found: dict[str, list[Refund]] = {one: [] for one in gateway_payment_ids}
    for one in session.scalars(query.order_by(refund.created_at, refund.id)):
        found[one.gateway_payment_id].append(one)
    return found


def of_order(session: Session, order_id: UUID) -> Sequence[Refund]:
    """List the refunds of an order, of whichever of its tries, the first one first."""
    return session.scalars(
        select(Refund)
        .join(PaymentAttempt, PaymentAttempt.gateway_payment_id == Refund.gateway_payment_id)
        .where(PaymentAttempt.order_id == order_id)
        .order_by(Refund.created_at, Refund.id)
    ).all()


def page(session: Session, *, status: str | None, limit: int, cursor: str | None) -> Page[Refund]:
    """List refunds, the newest first."""
    query = select(Refund)
    if status is not None:
        query = query.where(Refund.status == status)
    return newest_first(session, query, Refund.created_at, Refund.id, limit=limit, cursor=cursor)


def due_to_poll(session: Session, *, limit: int) -> Sequence[Refund]:
    """Take up to ``limit`` refunds that have not ended and are to be asked about."""
    return polling.take_due(session, Refund, limit=limit)


def mark_asked(session: Session, refund: Refund) -> bool:
    """Write that the gateway is about to be asked; tells whether it may have been before."""
    was_asked = refund.asked_at is not None
    refund.asked_at = refund.asked_at or datetime.now(UTC)
    session.flush()
    return was_asked


def ask_now(session: Session, refund: Refund) -> None:
    """Have a pending refund asked for at once, and at short intervals again."""
    refund.polls, refund.next_poll_at = 0, datetime.now(UTC) + polling.FIRST_POLL
    jobs.stage(session, "payments.refund", refund_id=str(refund.id))


def processed_amount(session: Session, gateway_payment_id: str) -> int:
    """Sum up what went back of a try, in paise."""
    total = session.scalar(
        select(func.coalesce(func.sum(Refund.amount), 0)).where(
            Refund.gateway_payment_id == gateway_payment_id, Refund.status == "processed"
        )
    )
    return int(total or 0)


def note_failure(session: Session, refund_id: UUID, error: str) -> bool:
    """
    Write down why a refund has not got on; it is asked for again at its next time.

    False where it has ended meanwhile, which leaves nothing to be noted.
    """
    refund = session.get_one(Refund, refund_id, with_for_update=True)
    if refund.status != "pending":
        return False
    refund.last_error = error[:LONGEST_ERROR]
    return True


def give_up_lost(session: Session, attempt: PaymentAttempt) -> Sequence[Refund]:
    """Give up what waits to go back of a locked try, and the payer's bank took; tells which."""
    given_up = _make_room(session, attempt, 0, because=TAKEN_BY_BANK)
    if given_up and attempt.outcome == "refunded":
        _send_rest(session, attempt, reason=given_up[0].reason)
    return given_up


def follow(session: Session, attempt: PaymentAttempt, news: RefundNews) -> tuple[Refund, bool]:
    """
    Write what a gateway says of a refund of a locked try; tells also whether that ended it.

    One that we did not ask for was made at the gateway, by hand, and is written as such. A refund
    that was processed or failed stays so, unless a bank sent it back.
    """
    refund = _known(session, attempt, news)
    if refund is not None and _is_given_up(refund) and news.status != "failed":
        _take_up_again(session, attempt, refund)
    was = "pending" if refund is None else refund.status
    refund = refund or _foreign(session, attempt, news)
    refund.gateway_refund_id = news.gateway_refund_id
    refund.begun_at = refund.begun_at or news.created_at
    refund.speed_processed = news.speed or refund.speed_processed
    is_over = refund.status == "pending" and news.status != "pending"
    if is_over or (refund.status == "processed" and news.is_bounced):
        _end(attempt, refund, news.status)
    session.flush()
    if refund.status not in (was, "pending"):
        announce(session, f"refund.{refund.status}", refund.id)
    return refund, refund.status != was


def _known(session: Session, attempt: PaymentAttempt, news: RefundNews) -> Refund | None:
    known = Refund.gateway_refund_id == news.gateway_refund_id
    receipt = read_id(news.receipt)
    if receipt is not None:
        # Its webhook may overtake the answer to our request, which alone tells us its id.
        known = known | ((Refund.id == receipt) & Refund.gateway_refund_id.is_(None))
    query = select(Refund).where(known, Refund.gateway_payment_id == attempt.gateway_payment_id)
    return session.scalars(query).one_or_none()


def _foreign(session: Session, attempt: PaymentAttempt, news: RefundNews) -> Refund:
    """Write a refund that was made at the gateway; those of ours that it crosses are given up."""
    has_happened = news.status != "failed"
    given_up: Sequence[Refund] = ()
    if has_happened:
        given_up = _make_room(session, attempt, news.amount, because=REFUNDED_ELSEWHERE)
        attempt.amount_refunded += news.amount
    refund = Refund(
        id=new_id(),
        gateway_payment_id=attempt.gateway_payment_id,
        gateway_refund_id=news.gateway_refund_id,
        amount=news.amount,
        status="pending" if has_happened else "failed",
        reason="made at the gateway",
        reference=f"gateway:{news.gateway_refund_id}",
        actor="gateway",
        is_ours=False,
        next_poll_at=func.now() + polling.FIRST_POLL if news.status == "pending" else None,
        asked_at=func.now(),
    )
    session.add(refund)
    session.flush()
    if given_up and attempt.outcome == "refunded":
        _send_rest(session, attempt, reason=given_up[0].reason)
    return refund


def _is_given_up(refund: Refund) -> bool:
    return refund.status == "failed" and refund.gateway_refund_id is None


def _take_up_again(session: Session, attempt: PaymentAttempt, refund: Refund) -> None:
    """Take up a refund that was given up too early: the gateway had made it, unheard."""
    _make_room(session, attempt, refund.amount, because=REFUNDED_ELSEWHERE)
    attempt.amount_refunded += refund.amount
    refund.status, refund.ended_at = "pending", None


def _make_room(
    session: Session, attempt: PaymentAttempt, amount: int, *, because: str
) -> Sequence[Refund]:
    """
    Give up refunds of ours that must not be had any more, since the money went back otherwise.

    One that the gateway has an id for is not among them, and one that it may have heard of is the
    last to be.
    """
    waiting = (
        select(Refund)
        .where(
            Refund.gateway_payment_id == attempt.gateway_payment_id,
            Refund.status == "pending",
            Refund.gateway_refund_id.is_(None),
        )
        .order_by(Refund.asked_at.is_not(None), Refund.created_at.desc())
    )
    given_up: list[Refund] = []
    for refund in session.scalars(waiting):
        if attempt.amount_refunded + attempt.amount_lost + amount <= attempt.amount:
            break
        refund.last_error = because
        _end(attempt, refund, "failed")
        given_up.append(refund)
    return given_up


def _end(attempt: PaymentAttempt, refund: Refund, status: str) -> None:
    refund.status, refund.ended_at, refund.next_poll_at = status, datetime.now(UTC), None
    if status == "failed":
        # The money is with the shop again, so that it can be refunded anew.
        attempt.amount_refunded -= refund.amount
    else:
        refund.last_error = None
