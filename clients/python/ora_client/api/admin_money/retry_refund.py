"""POST /api/v1/admin/refunds/{refund_id}/retry"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.refund import Refund
from ...shop import Shop, undocumented


def retry_refund(
    shop: Shop,
    refund_id: UUID,
) -> Refund:
    """
    Ask for a pending refund at once, or for a failed one anew.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/refunds/{refund_id}/retry".format(
            refund_id=quote(str(refund_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 202:
        response_202 = Refund.from_dict(response.json())

        return response_202

    raise undocumented(response)
