from typing import Literal

ListEventsStatusType3Type1 = Literal["failed", "ignored", "processed", "received"]

LIST_EVENTS_STATUS_TYPE_3_TYPE_1_VALUES: set[ListEventsStatusType3Type1] = {
    "failed",
    "ignored",
    "processed",
    "received",
}


def check_list_events_status_type_3_type_1(value: str) -> ListEventsStatusType3Type1:
    if value in LIST_EVENTS_STATUS_TYPE_3_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_EVENTS_STATUS_TYPE_3_TYPE_1_VALUES!r}"
    )
