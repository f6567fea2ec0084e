from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.category import Category
    from ..models.image import Image
    from ..models.money import Money


T = TypeVar("T", bound="Product")


@_attrs_define
class Product:
    """
    Attributes:
        sku (str):  Example: ORA-RG-0001.
        slug (str):
        name (str):
        description (str):
        category (Category):
        metal (str):  Example: gold.
        purity (str):  Example: 22K (916).
        gross_weight_mg (int):
        net_weight_mg (int): of the metal alone
        stone (None | str):
        huid (None | str): hallmark id
        hsn_code (str):  Example: 7113.
        price (Money):
        tax_basis_points (int): GST; 300 is 3 % Example: 300.
        purchase_limit (int): units that one customer may have; 0 is any number Example: 0.
        has_waiting_room (bool): whether one waits for one's turn before one buys
        preorder_ships_on (datetime.date | None): sold before it is there, and sent by this day at the latest
        images (list[Image]):
        available (int):
        low_stock (bool):
    """

    sku: str
    slug: str
    name: str
    description: str
    category: Category
    metal: str
    purity: str
    gross_weight_mg: int
    net_weight_mg: int
    stone: None | str
    huid: None | str
    hsn_code: str
    price: Money
    tax_basis_points: int
    purchase_limit: int
    has_waiting_room: bool
    preorder_ships_on: datetime.date | None
    images: list[Image]
    available: int
    low_stock: bool

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        slug = self.slug

        name = self.name

        description = self.description

        category = self.category.to_dict()

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

        purchase_limit = self.purchase_limit

        has_waiting_room = self.has_waiting_room

        preorder_ships_on: None | str
        if isinstance(self.preorder_ships_on, datetime.date):
            preorder_ships_on = self.preorder_ships_on.isoformat()
        else:
            preorder_ships_on = self.preorder_ships_on

        images = []
        for images_item_data in self.images:
            images_item = images_item_data.to_dict()
            images.append(images_item)

        available = self.available

        low_stock = self.low_stock

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
                "purchase_limit": purchase_limit,
                "has_waiting_room": has_waiting_room,
                "preorder_ships_on": preorder_ships_on,
                "images": images,
                "available": available,
                "low_stock": low_stock,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.category import Category  # noqa: PLC0415
        from ..models.image import Image  # noqa: PLC0415
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        sku = d.pop("sku")

        slug = d.pop("slug")

        name = d.pop("name")

        description = d.pop("description")

        category = Category.from_dict(d.pop("category"))

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

        purchase_limit = d.pop("purchase_limit")

        has_waiting_room = d.pop("has_waiting_room")

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

        images = []
        _images = d.pop("images")
        for images_item_data in _images:
            images_item = Image.from_dict(images_item_data)

            images.append(images_item)

        available = d.pop("available")

        low_stock = d.pop("low_stock")

        product = cls(
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
            purchase_limit=purchase_limit,
            has_waiting_room=has_waiting_room,
            preorder_ships_on=preorder_ships_on,
            images=images,
            available=available,
            low_stock=low_stock,
        )

        return product
