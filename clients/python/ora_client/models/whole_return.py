from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.disposition import Disposition
    from ..models.staff_return import StaffReturn
    from ..models.whole_return_in_repair import WholeReturnInRepair


T = TypeVar("T", bound="WholeReturn")


@_attrs_define
class WholeReturn:
    """
    Attributes:
        return_ (StaffReturn):
        dispositions (list[Disposition]):
        in_repair (WholeReturnInRepair):
    """

    return_: StaffReturn
    dispositions: list[Disposition]
    in_repair: WholeReturnInRepair

    def to_dict(self) -> dict[str, Any]:
        return_ = self.return_.to_dict()

        dispositions = []
        for dispositions_item_data in self.dispositions:
            dispositions_item = dispositions_item_data.to_dict()
            dispositions.append(dispositions_item)

        in_repair = self.in_repair.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "return": return_,
                "dispositions": dispositions,
                "in_repair": in_repair,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.disposition import Disposition  # noqa: PLC0415
        from ..models.staff_return import StaffReturn  # noqa: PLC0415
        from ..models.whole_return_in_repair import WholeReturnInRepair  # noqa: PLC0415

        d = dict(src_dict)
        return_ = StaffReturn.from_dict(d.pop("return"))

        dispositions = []
        _dispositions = d.pop("dispositions")
        for dispositions_item_data in _dispositions:
            dispositions_item = Disposition.from_dict(dispositions_item_data)

            dispositions.append(dispositions_item)

        in_repair = WholeReturnInRepair.from_dict(d.pop("in_repair"))

        whole_return = cls(
            return_=return_,
            dispositions=dispositions,
            in_repair=in_repair,
        )

        return whole_return
