from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

from ..models.clock_status import ClockStatus, check_clock_status

if TYPE_CHECKING:
    from ..models.hand import Hand


T = TypeVar("T", bound="Clock")


@_attrs_define
class Clock:
    """
    Attributes:
        status (ClockStatus):
        jobs (list[Hand]):
    """

    status: ClockStatus
    jobs: list[Hand]

    def to_dict(self) -> dict[str, Any]:
        status: str = self.status

        jobs = []
        for jobs_item_data in self.jobs:
            jobs_item = jobs_item_data.to_dict()
            jobs.append(jobs_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "status": status,
                "jobs": jobs,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.hand import Hand  # noqa: PLC0415

        d = dict(src_dict)
        status = check_clock_status(d.pop("status"))

        jobs = []
        _jobs = d.pop("jobs")
        for jobs_item_data in _jobs:
            jobs_item = Hand.from_dict(jobs_item_data)

            jobs.append(jobs_item)

        clock = cls(
            status=status,
            jobs=jobs,
        )

        return clock
