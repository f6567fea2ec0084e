from typing import Literal

ListDisputesStatusType1 = Literal["closed", "lost", "open", "under_review", "won"]

LIST_DISPUTES_STATUS_TYPE_1_VALUES: set[ListDisputesStatusType1] = {
    "closed",
    "lost",
    "open",
    "under_review",
    "won",
}


def check_list_disputes_status_type_1(value: str) -> ListDisputesStatusType1:
    if value in LIST_DISPUTES_STATUS_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_DISPUTES_STATUS_TYPE_1_VALUES!r}"
    )
