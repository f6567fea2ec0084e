"""POST /api/v1/orders/{order_id}/returns"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.ask import Ask
from ...models.return_ import Return
from ...shop import Shop, undocumented


def ask_for_return(
    shop: Shop,
    order_id: UUID,
    *,
    body: Ask,
) -> Return:
    """
    Ask to send units of a delivered order back.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/orders/{order_id}/returns".format(
            order_id=quote(str(order_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 201:
        response_201 = Return.from_dict(response.json())

        return response_201

    raise undocumented(response)
