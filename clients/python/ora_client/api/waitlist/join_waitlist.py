"""PUT /api/v1/products/{slug}/waitlist"""

from typing import Any
from urllib.parse import quote

from ...models.join import Join
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def join_waitlist(
    shop: Shop,
    slug: str,
    *,
    body: Join | Unset = UNSET,
) -> None:
    """
    Be told by mail, once, when a product is back in stock; who asked first is told first.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "put",
        "url": "/api/v1/products/{slug}/waitlist".format(
            slug=quote(str(slug), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    if body is not UNSET:
        headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 204:
        return None
    raise undocumented(response)
