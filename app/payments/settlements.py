"""Settlements: what gateways transferred to the shop's bank account."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.pages import Page, newest_first
from app.payments.models import Settlement
from app.payments.terms import SettlementNews


def record(session: Session, gateway: str, news: SettlementNews) -> None:
    """Write a settlement; told again, it is as it was told last."""
    told = {
        "status": news.status,
        "amount": news.amount,
        "fees": news.fees,
        "tax": news.tax,
        "utr": news.utr,
    }
    session.execute(
        insert(Settlement)
        .values(
            gateway_settlement_id=news.gateway_settlement_id,
            gateway=gateway,
            created_at=news.created_at or func.now(),
            **told,
        )
        .on_conflict_do_update(index_elements=["gateway_settlement_id"], set_=told)
    )


def page(session: Session, *, limit: int, cursor: str | None) -> Page[Settlement]:
    """List settlements, the newest first."""
    at, key = Settlement.created_at, Settlement.gateway_settlement_id
    return newest_first(session, select(Settlement), at, key, limit=limit, cursor=cursor)
