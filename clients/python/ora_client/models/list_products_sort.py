from typing import Literal

ListProductsSort = Literal["-price", "name", "newest", "price"]

LIST_PRODUCTS_SORT_VALUES: set[ListProductsSort] = {
    "-price",
    "name",
    "newest",
    "price",
}


def check_list_products_sort(value: str) -> ListProductsSort:
    if value in LIST_PRODUCTS_SORT_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LIST_PRODUCTS_SORT_VALUES!r}")
