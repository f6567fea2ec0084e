"""GET /api/v1/admin/returns/{return_id}"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.whole_return import WholeReturn
from ...shop import Shop, undocumented


def show_whole_return(
    shop: Shop,
    return_id: UUID,
) -> WholeReturn:
    """
    Show a return with every step and what became of its units.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/returns/{return_id}".format(
            return_id=quote(str(return_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = WholeReturn.from_dict(response.json())

        return response_200

    raise undocumented(response)
