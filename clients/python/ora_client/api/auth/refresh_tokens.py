"""POST /api/v1/auth/refresh"""

from typing import Any

from ...models.tokens import Tokens
from ...shop import Shop, undocumented


def refresh_tokens(
    shop: Shop,
) -> Tokens:
    """
    Exchange the refresh token, sent as bearer, for a new pair; each is good for one exchange.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/auth/refresh",
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Tokens.from_dict(response.json())

        return response_200

    raise undocumented(response)
