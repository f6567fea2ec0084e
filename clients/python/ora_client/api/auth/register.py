"""POST /api/v1/auth/register"""

from typing import Any

from ...models.registered import Registered
from ...models.registration import Registration
from ...shop import Shop, undocumented


def register(
    shop: Shop,
    *,
    body: Registration,
) -> Registered:
    """
    Make an account and sign in; a guest's token sent along makes it theirs, orders and all.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/auth/register",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 201:
        response_201 = Registered.from_dict(response.json())

        return response_201

    raise undocumented(response)
