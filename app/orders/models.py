"""Tables of orders; prices, tax and addresses are as they were at checkout."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.actors import BY_PEOPLE, FromWhere
from app.core.db import Base


class Order(Base):
    """What a customer bought or is about to; its id is also its reservation's."""

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint(
            "status IN ('pending', 'confirmed', 'processing', 'shipped', 'delivered',"
            " 'cancelled', 'expired', 'return_requested', 'returned')",
            name="status_known",
        ),
        CheckConstraint(
            "payment_status IN ('pending', 'authorized', 'captured', 'failed',"
            " 'partially_refunded', 'refunded')",
            name="payment_status_known",
        ),
        CheckConstraint(
            "total = subtotal - discount + tax + shipping_fee AND total > 0", name="total_adds_up"
        ),
        CheckConstraint("discount BETWEEN 0 AND subtotal", name="discount_within_subtotal"),
        CheckConstraint("tax >= 0 AND shipping_fee >= 0", name="charges_not_negative"),
        CheckConstraint("pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'", name="pan_well_formed"),
        # A confirmed order is a paid one, or one that the buyer promised to pay at the door.
        CheckConstraint(
            "status NOT IN ('confirmed', 'processing', 'shipped', 'delivered')"
            " OR payment_status NOT IN ('pending', 'authorized', 'failed')"
            " OR (pays_on_delivery AND payment_status = 'authorized')",
            name="confirmed_is_paid",
        ),
        Index("ix_orders_user_id_created_at_id", "user_id", "created_at", "id"),
        # All orders, newest first; and those that somebody still has to do something with.
        Index("ix_orders_created_at_id", "created_at", "id"),
        Index(
            "ix_orders_open",
            "status",
            "created_at",
            "id",
            postgresql_where=text(
                "status IN ('confirmed', 'processing', 'shipped', 'return_requested')"
            ),
        ),
        # How money stands where it is neither captured nor was never paid, as with most.
        Index(
            "ix_orders_payment_status",
            "payment_status",
            "created_at",
            "id",
            postgresql_where=text(
                "payment_status IN ('authorized', 'failed', 'partially_refunded', 'refunded')"
            ),
        ),
        # What the expiry sweep looks for.
        Index("ix_orders_expiring", "expires_at", postgresql_where=text("status = 'pending'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(Text, unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(Text, default="pending")
    payment_status: Mapped[str] = mapped_column(Text, default="pending")
    subtotal: Mapped[int] = mapped_column(BigInteger)
    discount: Mapped[int] = mapped_column(BigInteger, default=0)
    tax: Mapped[int] = mapped_column(BigInteger)
    shipping_fee: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    shipping_address: Mapped[dict[str, Any]] = mapped_column(JSONB)
    billing_address: Mapped[dict[str, Any]] = mapped_column(JSONB)
    notes: Mapped[str | None] = mapped_column(Text)
    # Which coupon took the discount off.
    coupon_code: Mapped[str | None] = mapped_column(Text)
    # The buyer's permanent account number, where the tax rules ask for it.
    pan: Mapped[str | None] = mapped_column(Text)
    is_from_cart: Mapped[bool]
    # Set when the order was confirmed on the buyer's word.
    pays_on_delivery: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    expires_at: Mapped[datetime] = mapped_column(TIMESTAMP(True))
    # Set when the reservation was extended for the payer, which happens once.
    extended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    # Whose parcel it is, and by which number its way can be followed.
    courier: Mapped[str | None] = mapped_column(Text)
    tracking_number: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())

    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.position", lazy="selectin")


class OrderLine(Base):
    """One product of an order."""

    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(
            "cancelled_quantity >= 0 AND returned_quantity >= 0"
            " AND cancelled_quantity + returned_quantity <= quantity",
            name="gone_within_quantity",
        ),
        CheckConstraint("unit_price >= 0 AND tax >= 0", name="amounts_not_negative"),
        CheckConstraint(
            "discount BETWEEN 0 AND unit_price * quantity", name="discount_within_price"
        ),
        CheckConstraint("total = unit_price * quantity - discount + tax", name="total_adds_up"),
        # Which orders a product is in.
        Index("ix_order_lines_sku_order_id", "sku", "order_id"),
        # What of a product was bought before it was there.
        Index(
            "ix_order_lines_preordered",
            "product_id",
            "order_id",
            postgresql_where=text("ships_on IS NOT NULL"),
        ),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    sku: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    hsn_code: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int]
    unit_price: Mapped[int] = mapped_column(BigInteger)
    # The line's share of the order's discount.
    discount: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    tax_basis_points: Mapped[int]
    tax: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    # The day that was promised, where it was sold before it was there.
    ships_on: Mapped[date | None]
    # Units that were given up after they were paid for and before they were shipped.
    cancelled_quantity: Mapped[int] = mapped_column(default=0, server_default="0")
    # Units that came back after they were delivered.
    returned_quantity: Mapped[int] = mapped_column(default=0, server_default="0")

    @property
    def gone(self) -> int:
        """Units that were given up or came back, whose money is on its way back."""
        return self.cancelled_quantity + self.returned_quantity

    @property
    def remaining(self) -> int:
        """Units that the customer has, or is to get."""
        return self.quantity - self.gone


class OrderTransition(FromWhere, Base):
    """One step of an order's life after it was placed: from where to where, by whom, and why."""

    __tablename__ = "order_transitions"
    __table_args__ = (
        Index("ix_order_transitions_order_id_id", "order_id", "id"),
        # What happened in a day.
        Index("ix_order_transitions_created_at", "created_at"),
        # What people did, which is little beside what the shop does itself.
        Index(
            "ix_order_transitions_by_people",
            "actor",
            "created_at",
            "id",
            postgresql_where=text(BY_PEOPLE),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    from_status: Mapped[str] = mapped_column(Text)
    to_status: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class OrderCancellation(FromWhere, Base):
    """Units of a confirmed order that were given up together, and the paise that go back."""

    __tablename__ = "order_cancellations"
    __table_args__ = (
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        # The one name of this effect: asked for twice, it is done once.
        Index("uq_order_cancellations_order_id_reference", "order_id", "reference", unique=True),
        Index("ix_order_cancellations_created_at_id", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    reference: Mapped[str] = mapped_column(Text)
    # SKU to units.
    units: Mapped[dict[str, int]] = mapped_column(JSONB)
    amount: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
