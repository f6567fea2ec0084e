from typing import Literal

ListImportsKindType1 = Literal["products", "stock"]

LIST_IMPORTS_KIND_TYPE_1_VALUES: set[ListImportsKindType1] = {
    "products",
    "stock",
}


def check_list_imports_kind_type_1(value: str) -> ListImportsKindType1:
    if value in LIST_IMPORTS_KIND_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_IMPORTS_KIND_TYPE_1_VALUES!r}"
    )
