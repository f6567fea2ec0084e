"""GET /api/v1/returns/{return_id}"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.return_ import Return
from ...shop import Shop, undocumented


def show_return(
    shop: Shop,
    return_id: UUID,
) -> Return:
    """
    Show one of your returns, with every step.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/returns/{return_id}".format(
            return_id=quote(str(return_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Return.from_dict(response.json())

        return response_200

    raise undocumented(response)
