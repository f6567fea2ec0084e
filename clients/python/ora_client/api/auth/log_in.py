"""POST /api/v1/auth/login"""

from typing import Any

from ...models.credentials import Credentials
from ...models.tokens import Tokens
from ...shop import Shop, undocumented


def log_in(
    shop: Shop,
    *,
    body: Credentials,
) -> Tokens:
    """
    Sign in; a guest's token sent along puts their cart into yours.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/auth/login",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Tokens.from_dict(response.json())

        return response_200

    raise undocumented(response)
