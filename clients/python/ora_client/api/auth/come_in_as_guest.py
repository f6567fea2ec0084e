"""POST /api/v1/auth/guest"""

from typing import Any

from ...models.tokens import Tokens
from ...shop import Shop, undocumented


def come_in_as_guest(
    shop: Shop,
) -> Tokens:
    """
    Come in as a guest, with a cart of your own; you tell who you are when you buy.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/auth/guest",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 201:
        response_201 = Tokens.from_dict(response.json())

        return response_201

    raise undocumented(response)
