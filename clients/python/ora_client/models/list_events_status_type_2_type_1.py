from typing import Literal

ListEventsStatusType2Type1 = Literal["failed", "ignored", "processed", "received"]

LIST_EVENTS_STATUS_TYPE_2_TYPE_1_VALUES: set[ListEventsStatusType2Type1] = {
    "failed",
    "ignored",
    "processed",
    "received",
}


def check_list_events_status_type_2_type_1(value: str) -> ListEventsStatusType2Type1:
    if value in LIST_EVENTS_STATUS_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_EVENTS_STATUS_TYPE_2_TYPE_1_VALUES!r}"
    )
