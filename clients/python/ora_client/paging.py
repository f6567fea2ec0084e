"""Lists that come in pages, item by item."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from ora_client.types import UNSET, Unset

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class Page(Protocol[Item_co]):
    """What every list of the API answers."""

    @property
    def items(self) -> Sequence[Item_co]:
        """Some of the list."""

    @property
    def next_cursor(self) -> str | None:
        """Where the rest begins."""


def each(page: Callable[[str | Unset], Page[Item]]) -> Iterator[Item]:
    """
    Go through a list to its end, page by page as it is needed.

    ``page`` asks for one: ``each(lambda cursor: list_orders(shop, cursor=cursor))``.
    """
    cursor: str | Unset = UNSET
    while True:
        found = page(cursor)
        yield from found.items
        if not found.next_cursor:
            return
        cursor = found.next_cursor
