"""Tables of the catalogue."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.ids import new_id


class Category(Base):
    """A shelf of the shop."""

    __tablename__ = "categories"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(default=0)


class Product(Base):
    """
    A piece that is sold, and how many units of it the shop owns.

    ``stock_quantity`` is on hand; ``stock_version`` grows with each change of it, so that whoever
    mirrors it can tell which of two numbers is newer; ``stock_epoch`` numbers the load by which
    Redis knows the product; ``on_hand_by_counter`` is how it is split in Redis, by that load. Only
    the inventory room writes the four.
    """

    __tablename__ = "products"
    __table_args__ = (
        # The last guard against overselling: a deduction too many fails whatever the code does.
        CheckConstraint("stock_quantity >= 0", name="stock_quantity_not_negative"),
        # Nor may any counter have less than none, or all of them another sum.
        CheckConstraint(
            "on_hand_by_counter IS NULL OR (0 <= ALL (on_hand_by_counter)"
            " AND sum_of(on_hand_by_counter) = stock_quantity)",
            name="on_hand_by_counter_adds_up",
        ),
        CheckConstraint("counters BETWEEN 1 AND 64", name="counters_few"),
        CheckConstraint("purchase_limit >= 0", name="purchase_limit_not_negative"),
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("tax_basis_points BETWEEN 0 AND 10000", name="tax_is_a_share"),
        CheckConstraint("net_weight_mg BETWEEN 1 AND gross_weight_mg", name="weights_plausible"),
        CheckConstraint("sku ~ '^[A-Z0-9-]{1,40}$'", name="sku_well_formed"),
        # Pages of a category, newest first; and the whole shop by price.
        Index("ix_products_category_id_id", "category_id", "id"),
        Index("ix_products_price_id", "price", "id", postgresql_where=text("is_active")),
        # What is on pre-order, the first to come first.
        Index(
            "ix_products_preorder_ships_on_sku",
            "preorder_ships_on",
            "sku",
            postgresql_where=text("preorder_ships_on IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sku: Mapped[str] = mapped_column(Text, unique=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    category_id: Mapped[UUID] = mapped_column(ForeignKey("categories.id"))
    metal: Mapped[str] = mapped_column(Text)
    purity: Mapped[str] = mapped_column(Text)
    gross_weight_mg: Mapped[int]
    net_weight_mg: Mapped[int]
    stone: Mapped[str | None] = mapped_column(Text)
    huid: Mapped[str | None] = mapped_column(Text, unique=True)
    hsn_code: Mapped[str] = mapped_column(Text)
    price: Mapped[int] = mapped_column(BigInteger)
    tax_basis_points: Mapped[int]
    is_active: Mapped[bool] = mapped_column(default=True)
    stock_quantity: Mapped[int] = mapped_column(default=0)
    stock_version: Mapped[int] = mapped_column(BigInteger, default=0)
    stock_epoch: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    # Over how many counters it may be split in Redis; and what each has, while it is.
    counters: Mapped[int] = mapped_column(SmallInteger, default=1, server_default="1")
    on_hand_by_counter: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    # Units that one customer may have, pending and paid; 0 is no limit.
    purchase_limit: Mapped[int] = mapped_column(default=0, server_default="0")
    # Sold to those alone who have waited for their turn.
    has_waiting_room: Mapped[bool] = mapped_column(default=False, server_default="false")
    # Set while it is sold before it is there: on hand counts promises then.
    preorder_ships_on: Mapped[date | None]
    low_stock_threshold: Mapped[int] = mapped_column(default=1)
    # Grows with each change that staff make, so that a stale form cannot win.
    revision: Mapped[int] = mapped_column(default=1, server_default="1")
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())

    # Read where it is asked for, and never by the way.
    category: Mapped[Category] = relationship(lazy="raise")


class ProductImage(Base):
    """A picture of a product as WebP, whole and small; a new picture has a new id."""

    __tablename__ = "product_images"
    __table_args__ = (
        CheckConstraint("width > 0 AND height > 0", name="size_plausible"),
        # Moved about in one transaction, so that two may stand at one place meanwhile.
        UniqueConstraint("product_id", "position", deferrable=True, initially="DEFERRED"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    # Its place among the product's, from 0; the first is shown in lists.
    position: Mapped[int]
    # What is to be seen, for those who do not see it.
    alt: Mapped[str] = mapped_column(Text)
    width: Mapped[int]
    height: Mapped[int]
    # Read where they are asked for: lists need where they are, not what.
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    thumbnail: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
