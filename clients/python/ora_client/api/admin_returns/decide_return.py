"""POST /api/v1/admin/returns/{return_id}/decision"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.decision import Decision
from ...models.staff_return import StaffReturn
from ...shop import Shop, undocumented


def decide_return(
    shop: Shop,
    return_id: UUID,
    *,
    body: Decision,
) -> StaffReturn:
    """
    Approve or reject a return, whole or line by line; told again, nothing changes.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/returns/{return_id}/decision".format(
            return_id=quote(str(return_id), safe=""),
        ),
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = StaffReturn.from_dict(response.json())

        return response_200

    raise undocumented(response)
