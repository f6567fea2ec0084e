"""Tables of accounts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, func, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.ids import new_id


class User(Base):
    """A customer, a guest, or somebody who works in the shop."""

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        CheckConstraint("role IN ('guest', 'customer', 'staff', 'admin')", name="role_known"),
        # Guests tell what they like.
        Index("uq_users_email", "email", unique=True, postgresql_where=text("role <> 'guest'")),
        Index("ix_users_email", "email"),
        Index("ix_users_phone", "phone"),
        Index("ix_users_created_at_id", "created_at", "id"),
        # Those of a role, who may be few among many.
        Index("ix_users_role_created_at_id", "role", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    password_hash: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text, default="customer")
    email_verified_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    # Whose account this was is erased; their orders are kept.
    deleted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    # Of the second factor: which secret, since when a code of it is needed, and the step of the
    # newest code that was used.
    totp_generation: Mapped[int] = mapped_column(default=0, server_default="0")
    totp_enabled_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class SignedInSession(Base):
    """One sign-in; each refresh gives it a new token, and only the newest one is good."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    refresh_id: Mapped[UUID] = mapped_column(default=new_id)
    revoked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class PasswordReset(Base):
    """A password that may be set anew, once, by whoever has the token of this hash."""

    __tablename__ = "password_resets"

    token_hash: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), index=True)
    used_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class AccountNote(Base):
    """What those who work here note of a customer, or of one of their orders, for each other."""

    __tablename__ = "account_notes"
    __table_args__ = (
        CheckConstraint("text <> ''", name="text_given"),
        Index("ix_account_notes_user_id_created_at_id", "user_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    text: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class Address(Base):
    """Where a customer's parcels or bills go, in India."""

    __tablename__ = "addresses"
    __table_args__ = (
        CheckConstraint("pincode ~ '^[1-9][0-9]{5}$'", name="pincode_well_formed"),
        Index("ix_addresses_user_id_id", "user_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    line1: Mapped[str] = mapped_column(Text)
    line2: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    pincode: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
