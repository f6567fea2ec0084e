from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.record_action import RecordAction, check_record_action

if TYPE_CHECKING:
    from ..models.record_after_type_0 import RecordAfterType0
    from ..models.record_before_type_0 import RecordBeforeType0


T = TypeVar("T", bound="Record")


@_attrs_define
class Record:
    """
    Attributes:
        id (str): the table that has it, and its key there
        at (datetime.datetime):
        actor (str):  Example: staff:0192f5a4-7c1e-7cc3-98c4-dc0c0c07398f.
        address (None | str): the client's; of customers the network; of a command its host
        request_id (None | str):
        action (RecordAction):
        subject (str):  Example: products.
        subject_id (str):
        before (None | RecordBeforeType0):  Example: {'price': 309000}.
        after (None | RecordAfterType0):  Example: {'price': 312000}.
    """

    id: str
    at: datetime.datetime
    actor: str
    address: None | str
    request_id: None | str
    action: RecordAction
    subject: str
    subject_id: str
    before: None | RecordBeforeType0
    after: None | RecordAfterType0

    def to_dict(self) -> dict[str, Any]:
        from ..models.record_after_type_0 import RecordAfterType0  # noqa: PLC0415
        from ..models.record_before_type_0 import RecordBeforeType0  # noqa: PLC0415

        id = self.id

        at = self.at.isoformat()

        actor = self.actor

        address: None | str
        address = self.address

        request_id: None | str
        request_id = self.request_id

        action: str = self.action

        subject = self.subject

        subject_id = self.subject_id

        before: dict[str, Any] | None
        if isinstance(self.before, RecordBeforeType0):
            before = self.before.to_dict()
        else:
            before = self.before

        after: dict[str, Any] | None
        if isinstance(self.after, RecordAfterType0):
            after = self.after.to_dict()
        else:
            after = self.after

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "at": at,
                "actor": actor,
                "address": address,
                "request_id": request_id,
                "action": action,
                "subject": subject,
                "subject_id": subject_id,
                "before": before,
                "after": after,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.record_after_type_0 import RecordAfterType0  # noqa: PLC0415
        from ..models.record_before_type_0 import RecordBeforeType0  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        actor = d.pop("actor")

        def _parse_address(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        address = _parse_address(d.pop("address"))

        def _parse_request_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        request_id = _parse_request_id(d.pop("request_id"))

        action = check_record_action(d.pop("action"))

        subject = d.pop("subject")

        subject_id = d.pop("subject_id")

        def _parse_before(data: object) -> None | RecordBeforeType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                before_type_0 = RecordBeforeType0.from_dict(data)

                return before_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RecordBeforeType0, data)

        before = _parse_before(d.pop("before"))

        def _parse_after(data: object) -> None | RecordAfterType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                after_type_0 = RecordAfterType0.from_dict(data)

                return after_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RecordAfterType0, data)

        after = _parse_after(d.pop("after"))

        record = cls(
            id=id,
            at=at,
            actor=actor,
            address=address,
            request_id=request_id,
            action=action,
            subject=subject,
            subject_id=subject_id,
            before=before,
            after=after,
        )

        return record
