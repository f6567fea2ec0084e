"""POST /api/v1/admin/returns/{return_id}/repaired"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.repaired import Repaired
from ...models.staff_return import StaffReturn
from ...shop import Shop, undocumented


def finish_repair(
    shop: Shop,
    return_id: UUID,
    *,
    body: Repaired,
) -> StaffReturn:
    """
    Say what becomes of units that were in repair; repeated, nothing changes.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/returns/{return_id}/repaired".format(
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
