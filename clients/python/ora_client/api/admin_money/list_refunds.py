"""GET /api/v1/admin/refunds"""

from typing import Any

from ...models.list_refunds_status_type_1 import ListRefundsStatusType1
from ...models.list_refunds_status_type_2_type_1 import ListRefundsStatusType2Type1
from ...models.list_refunds_status_type_3_type_1 import ListRefundsStatusType3Type1
from ...models.refund_page import RefundPage
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_refunds(
    shop: Shop,
    *,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
    status: ListRefundsStatusType1
    | ListRefundsStatusType2Type1
    | ListRefundsStatusType3Type1
    | None
    | Unset = UNSET,
) -> RefundPage:
    """
    List refunds, the newest first; those pending say why they have not got on.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    params: dict[str, Any] = {}

    params["limit"] = limit

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    json_status: None | str | Unset
    if isinstance(status, Unset):
        json_status = UNSET
    elif isinstance(status, str):
        json_status = status
    elif isinstance(status, str):
        json_status = status
    elif isinstance(status, str):
        json_status = status
    else:
        json_status = status
    params["status"] = json_status

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/refunds",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = RefundPage.from_dict(response.json())

        return response_200

    raise undocumented(response)
