from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="NewProduct")


@_attrs_define
class NewProduct:
    """
    Attributes:
        slug (str):  Example: temple-ring.
        name (str):  Example: Temple ring.
        description (str):
        category (str):  Example: temple-ring.
        metal (str):  Example: gold.
        purity (str):  Example: 22K (916).
        gross_weight_mg (int):
        net_weight_mg (int): of the metal alone
        hsn_code (str):  Example: 7113.
        price (Money):
        tax_basis_points (int):  Example: 300.
        sku (str):  Example: ORA-RG-0001.
        stone (None | str | Unset):
        huid (None | str | Unset): hallmark id Example: AB12CD.
        is_active (bool | Unset): whether it is on sale
        purchase_limit (int | Unset):
        has_waiting_room (bool | Unset): whether it is sold to those alone who have waited for their turn
        counters (int | Unset): over how many its units may be split, while many buy it
        low_stock_threshold (int | Unset):
    """

    slug: str
    name: str
    description: str
    category: str
    metal: str
    purity: str
    gross_weight_mg: int
    net_weight_mg: int
    hsn_code: str
    price: Money
    tax_basis_points: int
    sku: str
    stone: None | str | Unset = UNSET
    huid: None | str | Unset = UNSET
    is_active: bool | Unset = UNSET
    purchase_limit: int | Unset = UNSET
    has_waiting_room: bool | Unset = UNSET
    counters: int | Unset = UNSET
    low_stock_threshold: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        slug = self.slug

        name = self.name

        description = self.description

        category = self.category

        metal = self.metal

        purity = self.purity

        gross_weight_mg = self.gross_weight_mg

        net_weight_mg = self.net_weight_mg

        hsn_code = self.hsn_code

        price = self.price.to_dict()

        tax_basis_points = self.tax_basis_points

        sku = self.sku

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

        is_active = self.is_active

        purchase_limit = self.purchase_limit

        has_waiting_room = self.has_waiting_room

        counters = self.counters

        low_stock_threshold = self.low_stock_threshold

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "slug": slug,
                "name": name,
                "description": description,
                "category": category,
                "metal": metal,
                "purity": purity,
                "gross_weight_mg": gross_weight_mg,
                "net_weight_mg": net_weight_mg,
                "hsn_code": hsn_code,
                "price": price,
                "tax_basis_points": tax_basis_points,
                "sku": sku,
            }
        )
        if stone is not UNSET:
            field_dict["stone"] = stone
        if huid is not UNSET:
            field_dict["huid"] = huid
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
        slug = d.pop("slug")

        name = d.pop("name")

        description = d.pop("description")

        category = d.pop("category")

        metal = d.pop("metal")

        purity = d.pop("purity")

        gross_weight_mg = d.pop("gross_weight_mg")

        net_weight_mg = d.pop("net_weight_mg")

        hsn_code = d.pop("hsn_code")

        price = Money.from_dict(d.pop("price"))

        tax_basis_points = d.pop("tax_basis_points")

        sku = d.pop("sku")

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

        is_active = d.pop("is_active", UNSET)

        purchase_limit = d.pop("purchase_limit", UNSET)

        has_waiting_room = d.pop("has_waiting_room", UNSET)

        counters = d.pop("counters", UNSET)

        low_stock_threshold = d.pop("low_stock_threshold", UNSET)

        new_product = cls(
            slug=slug,
            name=name,
            description=description,
            category=category,
            metal=metal,
            purity=purity,
            gross_weight_mg=gross_weight_mg,
            net_weight_mg=net_weight_mg,
            hsn_code=hsn_code,
            price=price,
            tax_basis_points=tax_basis_points,
            sku=sku,
            stone=stone,
            huid=huid,
            is_active=is_active,
            purchase_limit=purchase_limit,
            has_waiting_room=has_waiting_room,
            counters=counters,
            low_stock_threshold=low_stock_threshold,
        )

        return new_product
