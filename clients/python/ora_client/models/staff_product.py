from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="StaffProduct")


@_attrs_define
class StaffProduct:
    """
    Attributes:
        sku (str):
        slug (str):
        name (str):
        description (str):
        category (str):
        metal (str):
        purity (str):
        gross_weight_mg (int):
        net_weight_mg (int):
        stone (None | str):
        huid (None | str):
        hsn_code (str):
        price (Money):
        tax_basis_points (int):
        is_active (bool):
        purchase_limit (int):
        has_waiting_room (bool):
        counters (int):
        low_stock_threshold (int):
        preorder_ships_on (datetime.date | None):
        on_hand (int):
        revision (int):
        created_at (datetime.datetime):
    """

    sku: str
    slug: str
    name: str
    description: str
    category: str
    metal: str
    purity: str
    gross_weight_mg: int
    net_weight_mg: int
    stone: None | str
    huid: None | str
    hsn_code: str
    price: Money
    tax_basis_points: int
    is_active: bool
    purchase_limit: int
    has_waiting_room: bool
    counters: int
    low_stock_threshold: int
    preorder_ships_on: datetime.date | None
    on_hand: int
    revision: int
    created_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        slug = self.slug

        name = self.name

        description = self.description

        category = self.category

        metal = self.metal

        purity = self.purity

        gross_weight_mg = self.gross_weight_mg

        net_weight_mg = self.net_weight_mg

        stone: None | str
        stone = self.stone

        huid: None | str
        huid = self.huid

        hsn_code = self.hsn_code

        price = self.price.to_dict()

        tax_basis_points = self.tax_basis_points

        is_active = self.is_active

        purchase_limit = self.purchase_limit

        has_waiting_room = self.has_waiting_room

        counters = self.counters

        low_stock_threshold = self.low_stock_threshold

        preorder_ships_on: None | str
        if isinstance(self.preorder_ships_on, datetime.date):
            preorder_ships_on = self.preorder_ships_on.isoformat()
        else:
            preorder_ships_on = self.preorder_ships_on

        on_hand = self.on_hand

        revision = self.revision

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "slug": slug,
                "name": name,
                "description": description,
                "category": category,
                "metal": metal,
                "purity": purity,
                "gross_weight_mg": gross_weight_mg,
                "net_weight_mg": net_weight_mg,
                "stone": stone,
                "huid": huid,
                "hsn_code": hsn_code,
                "price": price,
                "tax_basis_points": tax_basis_points,
                "is_active": is_active,
                "purchase_limit": purchase_limit,
                "has_waiting_room": has_waiting_room,
                "counters": counters,
                "low_stock_threshold": low_stock_threshold,
                "preorder_ships_on": preorder_ships_on,
                "on_hand": on_hand,
                "revision": revision,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        sku = d.pop("sku")

        slug = d.pop("slug")

        name = d.pop("name")

        description = d.pop("description")

        category = d.pop("category")

        metal = d.pop("metal")

        purity = d.pop("purity")

        gross_weight_mg = d.pop("gross_weight_mg")

        net_weight_mg = d.pop("net_weight_mg")

        def _parse_stone(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        stone = _parse_stone(d.pop("stone"))

        def _parse_huid(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        huid = _parse_huid(d.pop("huid"))

        hsn_code = d.pop("hsn_code")

        price = Money.from_dict(d.pop("price"))

        tax_basis_points = d.pop("tax_basis_points")

        is_active = d.pop("is_active")

        purchase_limit = d.pop("purchase_limit")

        has_waiting_room = d.pop("has_waiting_room")

        counters = d.pop("counters")

        low_stock_threshold = d.pop("low_stock_threshold")

        def _parse_preorder_ships_on(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                preorder_ships_on_type_0 = datetime.date.fromisoformat(data)

                return preorder_ships_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        preorder_ships_on = _parse_preorder_ships_on(d.pop("preorder_ships_on"))

        on_hand = d.pop("on_hand")

        revision = d.pop("revision")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        staff_product = cls(
            sku=sku,
            slug=slug,
            name=name,
            description=description,
            category=category,
            metal=metal,
            purity=purity,
            gross_weight_mg=gross_weight_mg,
            net_weight_mg=net_weight_mg,
            stone=stone,
            huid=huid,
            hsn_code=hsn_code,
            price=price,
            tax_basis_points=tax_basis_points,
            is_active=is_active,
            purchase_limit=purchase_limit,
            has_waiting_room=has_waiting_room,
            counters=counters,
            low_stock_threshold=low_stock_threshold,
            preorder_ships_on=preorder_ships_on,
            on_hand=on_hand,
            revision=revision,
            created_at=created_at,
        )

        return staff_product
