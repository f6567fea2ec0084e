"""Addresses of an account."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.errors import AddressNotFound
from app.accounts.models import Address

SNAPSHOT = ("name", "phone", "line1", "line2", "city", "state", "pincode")
COUNTRY = "IN"


def find(session: Session, user_id: UUID, address_id: UUID) -> Address:
    """
    Find one of a customer's addresses.

    Raises:
        AddressNotFound: there is none, or it is somebody else's.
    """
    address = session.scalars(
        select(Address).where(Address.id == address_id, Address.user_id == user_id)
    ).one_or_none()
    if address is None:
        raise AddressNotFound
    return address


def of(session: Session, user_id: UUID) -> Sequence[Address]:
    """List a customer's addresses, oldest first."""
    query = select(Address).where(Address.user_id == user_id).order_by(Address.id)
    return session.scalars(query).all()


def add(session: Session, user_id: UUID, values: Mapping[str, Any]) -> Address:
    """Add an address."""
    address = Address(user_id=user_id, **values)
    session.add(address)
    session.flush()
    return address


def change(session: Session, user_id: UUID, address_id: UUID, values: Mapping[str, Any]) -> Address:
    """Change an address; orders keep the one they were placed with."""
    address = find(session, user_id, address_id)
    for name, value in values.items():
        setattr(address, name, value)
    return address


def remove(session: Session, user_id: UUID, address_id: UUID) -> None:
    """Remove an address; orders keep the one they were placed with."""
    find(session, user_id, address_id)
    session.execute(delete(Address).where(Address.id == address_id))


def snapshot(address: Address | Mapping[str, Any]) -> dict[str, Any]:
    """Copy what an order keeps of an address."""
    if isinstance(address, Address):
        values = {name: getattr(address, name) for name in SNAPSHOT}
    else:
        values = {name: address.get(name) for name in SNAPSHOT}
    return values | {"country": COUNTRY}
