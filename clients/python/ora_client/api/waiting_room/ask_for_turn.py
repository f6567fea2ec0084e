"""POST /api/v1/products/{slug}/waiting-room"""

from typing import Any
from urllib.parse import quote

from ...models.turn import Turn
from ...models.turn_request import TurnRequest
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def ask_for_turn(
    shop: Shop,
    slug: str,
    *,
    body: TurnRequest | Unset = UNSET,
) -> Turn:
    """
    Get in line for a product, or ask how you stand; as many are let in as there are units.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/products/{slug}/waiting-room".format(
            slug=quote(str(slug), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    if body is not UNSET:
        headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Turn.from_dict(response.json())

        return response_200

    raise undocumented(response)
