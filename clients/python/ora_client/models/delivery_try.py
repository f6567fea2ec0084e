from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="DeliveryTry")


@_attrs_define
class DeliveryTry:
    """
    Attributes:
        tried_at (datetime.datetime):
        took_ms (int):
        http_status (int | None):
        answer (None | str): its first bytes
        error (None | str): why there was no answer
    """

    tried_at: datetime.datetime
    took_ms: int
    http_status: int | None
    answer: None | str
    error: None | str

    def to_dict(self) -> dict[str, Any]:
        tried_at = self.tried_at.isoformat()

        took_ms = self.took_ms

        http_status: int | None
        http_status = self.http_status

        answer: None | str
        answer = self.answer

        error: None | str
        error = self.error

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "tried_at": tried_at,
                "took_ms": took_ms,
                "http_status": http_status,
                "answer": answer,
                "error": error,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        tried_at = datetime.datetime.fromisoformat(d.pop("tried_at"))

        took_ms = d.pop("took_ms")

        def _parse_http_status(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        http_status = _parse_http_status(d.pop("http_status"))

        def _parse_answer(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        answer = _parse_answer(d.pop("answer"))

        def _parse_error(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        error = _parse_error(d.pop("error"))

        delivery_try = cls(
            tried_at=tried_at,
            took_ms=took_ms,
            http_status=http_status,
            answer=answer,
            error=error,
        )

        return delivery_try
