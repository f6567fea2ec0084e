"""DELETE /api/v1/cart"""

from typing import Any

from ...shop import Shop, undocumented


def empty_cart(
    shop: Shop,
) -> None:
    """
    Take everything out of your cart.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/v1/cart",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
