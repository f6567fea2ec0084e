"""POST /api/v1/admin/refunds/{refund_id}/paid-out"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.refund import Refund
from ...shop import Shop, undocumented


def close_refund_paid_out(
    shop: Shop,
    refund_id: UUID,
) -> Refund:
    """
    Say that a refund of cash was paid out by hand.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/refunds/{refund_id}/paid-out".format(
            refund_id=quote(str(refund_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Refund.from_dict(response.json())

        return response_200

    raise undocumented(response)
