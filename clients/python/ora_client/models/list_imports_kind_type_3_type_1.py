from typing import Literal

ListImportsKindType3Type1 = Literal["products", "stock"]

LIST_IMPORTS_KIND_TYPE_3_TYPE_1_VALUES: set[ListImportsKindType3Type1] = {
    "products",
    "stock",
}


def check_list_imports_kind_type_3_type_1(value: str) -> ListImportsKindType3Type1:
    if value in LIST_IMPORTS_KIND_TYPE_3_TYPE_1_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {LIST_IMPORTS_KIND_TYPE_3_TYPE_1_VALUES!r}"
    )
