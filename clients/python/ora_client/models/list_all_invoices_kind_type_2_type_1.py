from typing import Literal

ListAllInvoicesKindType2Type1 = Literal["credit_note", "invoice"]

LIST_ALL_INVOICES_KIND_TYPE_2_TYPE_1_VALUES: set[ListAllInvoicesKindType2Type1] = {
    "credit_note",
    "invoice",
}


def check_list_all_invoices_kind_type_2_type_1(value: str) -> ListAllInvoicesKindType2Type1:
    if value in LIST_ALL_INVOICES_KIND_TYPE_2_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_ALL_INVOICES_KIND_TYPE_2_TYPE_1_VALUES!r}"
    )
