from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="ProductChange")


@_attrs_define
class ProductChange:
    """
    Attributes:
        revision (int): that you read
        slug (str | Unset):  Example: temple-ring.
        name (str | Unset):  Example: Temple ring.
        description (str | Unset):
        category (str | Unset):  Example: temple-ring.
        metal (str | Unset):  Example: gold.
        purity (str | Unset):  Example: 22K (916).
        gross_weight_mg (int | Unset):
        net_weight_mg (int | Unset): of the metal alone
        stone (None | str | Unset):
        huid (None | str | Unset): hallmark id Example: AB12CD.
        hsn_code (str | Unset):  Example: 7113.
        price (Money | Unset):
        tax_basis_points (int | Unset):  Example: 300.
        is_active (bool | Unset): whether it is on sale
        purchase_limit (int | Unset):
        has_waiting_room (bool | Unset): whether it is sold to those alone who have waited for their turn
        counters (int | Unset): over how many its units may be split, while many buy it
        low_stock_threshold (int | Unset):
    """

    revision: int
    slug: str | Unset = UNSET
    name: str | Unset = UNSET
    description: str | Unset = UNSET
    category: str | Unset = UNSET
    metal: str | Unset = UNSET
    purity: str | Unset = UNSET
    gross_weight_mg: int | Unset = UNSET
    net_weight_mg: int | Unset = UNSET
    stone: None | str | Unset = UNSET
    huid: None | str | Unset = UNSET
    hsn_code: str | Unset = UNSET
    price: Money | Unset = UNSET
    tax_basis_points: int | Unset = UNSET
    is_active: bool | Unset = UNSET
    purchase_limit: int | Unset = UNSET
    has_waiting_room: bool | Unset = UNSET
    counters: int | Unset = UNSET
    low_stock_threshold: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        revision = self.revision

        slug = self.slug

        name = self.name

        description = self.description

        category = self.category

        metal = self.metal

        purity = self.purity

        gross_weight_mg = self.gross_weight_mg

        net_weight_mg = self.net_weight_mg

        stone: None | str | Unset
        if isinstance(self.stone, Unset):
            stone = UNSET
        else:
            stone = self.stone

        huid: None | str | Unset
        if isinstance(self.huid, Unset):
            huid = UNSET
        else:
            huid = self.huid

        hsn_code = self.hsn_code

        price: dict[str, Any] | Unset = UNSET
        if not isinstance(self.price, Unset):
            price = self.price.to_dict()

        tax_basis_points = self.tax_basis_points

        is_active = self.is_active

        purchase_limit = self.purchase_limit

        has_waiting_room = self.has_waiting_room

        counters = self.counters

        low_stock_threshold = self.low_stock_threshold

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "revision": revision,
            }
        )
        if slug is not UNSET:
            field_dict["slug"] = slug
        if name is not UNSET:
            field_dict["name"] = name
        if description is not UNSET:
            field_dict["description"] = description
        if category is not UNSET:
            field_dict["category"] = category
        if metal is not UNSET:
            field_dict["metal"] = metal
        if purity is not UNSET:
            field_dict["purity"] = purity
        if gross_weight_mg is not UNSET:
            field_dict["gross_weight_mg"] = gross_weight_mg
        if net_weight_mg is not UNSET:
            field_dict["net_weight_mg"] = net_weight_mg
        if stone is not UNSET:
            field_dict["stone"] = stone
        if huid is not UNSET:
            field_dict["huid"] = huid
        if hsn_code is not UNSET:
            field_dict["hsn_code"] = hsn_code
        if price is not UNSET:
            field_dict["price"] = price
        if tax_basis_points is not UNSET:
            field_dict["tax_basis_points"] = tax_basis_points
        if is_active is not UNSET:
            field_dict["is_active"] = is_active
        if purchase_limit is not UNSET:
            field_dict["purchase_limit"] = purchase_limit
        if has_waiting_room is not UNSET:
            field_dict["has_waiting_room"] = has_waiting_room
        if counters is not UNSET:
            field_dict["counters"] = counters
        if low_stock_threshold is not UNSET:
            field_dict["low_stock_threshold"] = low_stock_threshold

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        revision = d.pop("revision")

        slug = d.pop("slug", UNSET)

        name = d.pop("name", UNSET)

        description = d.pop("description", UNSET)

        category = d.pop("category", UNSET)

        metal = d.pop("metal", UNSET)

        purity = d.pop("purity", UNSET)

        gross_weight_mg = d.pop("gross_weight_mg", UNSET)

        net_weight_mg = d.pop("net_weight_mg", UNSET)

        def _parse_stone(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        stone = _parse_stone(d.pop("stone", UNSET))

        def _parse_huid(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        huid = _parse_huid(d.pop("huid", UNSET))

        hsn_code = d.pop("hsn_code", UNSET)

        _price = d.pop("price", UNSET)
        price: Money | Unset
        if isinstance(_price, Unset):
            price = UNSET
        else:
            price = Money.from_dict(_price)

        tax_basis_points = d.pop("tax_basis_points", UNSET)

        is_active = d.pop("is_active", UNSET)

        purchase_limit = d.pop("purchase_limit", UNSET)

        has_waiting_room = d.pop("has_waiting_room", UNSET)

        counters = d.pop("counters", UNSET)

        low_stock_threshold = d.pop("low_stock_threshold", UNSET)

        product_change = cls(
            revision=revision,
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
        )

        return product_change
