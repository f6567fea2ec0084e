from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.hand_outcome_type_1 import HandOutcomeType1, check_hand_outcome_type_1
from ..models.hand_outcome_type_2_type_1 import (
    HandOutcomeType2Type1,
    check_hand_outcome_type_2_type_1,
)
from ..models.hand_outcome_type_3_type_1 import (
    HandOutcomeType3Type1,
    check_hand_outcome_type_3_type_1,
)

T = TypeVar("T", bound="Hand")


@_attrs_define
class Hand:
    """
    Attributes:
        name (str):  Example: expiry.expire_orders.
        rule (str):  Example: every 10 seconds.
        is_needed (bool): whether the shop is unwell without it
        last_run_at (datetime.datetime | None):
        took_ms (int | None):
        outcome (HandOutcomeType1 | HandOutcomeType2Type1 | HandOutcomeType3Type1 | None):
        next_due_at (datetime.datetime):
        is_late (bool):
    """

    name: str
    rule: str
    is_needed: bool
    last_run_at: datetime.datetime | None
    took_ms: int | None
    outcome: HandOutcomeType1 | HandOutcomeType2Type1 | HandOutcomeType3Type1 | None
    next_due_at: datetime.datetime
    is_late: bool

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        rule = self.rule

        is_needed = self.is_needed

        last_run_at: None | str
        if isinstance(self.last_run_at, datetime.datetime):
            last_run_at = self.last_run_at.isoformat()
        else:
            last_run_at = self.last_run_at

        took_ms: int | None
        took_ms = self.took_ms

        outcome: None | str
        if isinstance(self.outcome, str):
            outcome = self.outcome
        elif isinstance(self.outcome, str):
            outcome = self.outcome
        elif isinstance(self.outcome, str):
            outcome = self.outcome
        else:
            outcome = self.outcome

        next_due_at = self.next_due_at.isoformat()

        is_late = self.is_late

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "rule": rule,
                "is_needed": is_needed,
                "last_run_at": last_run_at,
                "took_ms": took_ms,
                "outcome": outcome,
                "next_due_at": next_due_at,
                "is_late": is_late,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        rule = d.pop("rule")

        is_needed = d.pop("is_needed")

        def _parse_last_run_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_run_at_type_0 = datetime.datetime.fromisoformat(data)

                return last_run_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        last_run_at = _parse_last_run_at(d.pop("last_run_at"))

        def _parse_took_ms(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        took_ms = _parse_took_ms(d.pop("took_ms"))

        def _parse_outcome(
            data: object,
        ) -> HandOutcomeType1 | HandOutcomeType2Type1 | HandOutcomeType3Type1 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                outcome_type_1 = check_hand_outcome_type_1(data)

                return outcome_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                outcome_type_2_type_1 = check_hand_outcome_type_2_type_1(data)

                return outcome_type_2_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                outcome_type_3_type_1 = check_hand_outcome_type_3_type_1(data)

                return outcome_type_3_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(
                HandOutcomeType1 | HandOutcomeType2Type1 | HandOutcomeType3Type1 | None, data
            )

        outcome = _parse_outcome(d.pop("outcome"))

        next_due_at = datetime.datetime.fromisoformat(d.pop("next_due_at"))

        is_late = d.pop("is_late")

        hand = cls(
            name=name,
            rule=rule,
            is_needed=is_needed,
            last_run_at=last_run_at,
            took_ms=took_ms,
            outcome=outcome,
            next_due_at=next_due_at,
            is_late=is_late,
        )

        return hand
