"""POST /api/v1/orders/track"""

from typing import Any

from ...models.tokens import Tokens
from ...models.track import Track
from ...shop import Shop, undocumented


def track_order(
    shop: Shop,
    *,
    body: Track,
) -> Tokens:
    """
    Find an order that you placed as a guest; the tokens are the guest's.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/orders/track",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Tokens.from_dict(response.json())

        return response_200

    raise undocumented(response)
