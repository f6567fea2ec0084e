from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Difference")


@_attrs_define
class Difference:
    """
    Attributes:
        kind (str):  Example: capture_missing.
        subject (str):  Example: pay_29QQoUBi66xm2f.
        ours (str):
        theirs (str):
        is_repaired (bool):
    """

    kind: str
    subject: str
    ours: str
    theirs: str
    is_repaired: bool

    def to_dict(self) -> dict[str, Any]:
        kind = self.kind

        subject = self.subject

        ours = self.ours

        theirs = self.theirs

        is_repaired = self.is_repaired

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "kind": kind,
                "subject": subject,
                "ours": ours,
                "theirs": theirs,
                "is_repaired": is_repaired,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        kind = d.pop("kind")

        subject = d.pop("subject")

        ours = d.pop("ours")

        theirs = d.pop("theirs")

        is_repaired = d.pop("is_repaired")

        difference = cls(
            kind=kind,
            subject=subject,
            ours=ours,
            theirs=theirs,
            is_repaired=is_repaired,
        )

        return difference
