"""POST /api/v1/returns/{return_id}/withdraw"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.return_ import Return
from ...shop import Shop, undocumented


def withdraw_return(
    shop: Shop,
    return_id: UUID,
) -> Return:
    """
    Give a return up that has not been received.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/returns/{return_id}/withdraw".format(
            return_id=quote(str(return_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Return.from_dict(response.json())

        return response_200

    raise undocumented(response)
