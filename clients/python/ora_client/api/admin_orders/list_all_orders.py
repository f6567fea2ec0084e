"""GET /api/v1/admin/orders"""

import datetime
from typing import Any
from uuid import UUID

from ...models.list_all_orders_gateway_type_1 import ListAllOrdersGatewayType1
from ...models.list_all_orders_gateway_type_2_type_1 import ListAllOrdersGatewayType2Type1
from ...models.list_all_orders_gateway_type_3_type_1 import ListAllOrdersGatewayType3Type1
from ...models.list_all_orders_payment_status_type_1 import ListAllOrdersPaymentStatusType1
from ...models.list_all_orders_payment_status_type_2_type_1 import (
    ListAllOrdersPaymentStatusType2Type1,
)
from ...models.list_all_orders_payment_status_type_3_type_1 import (
    ListAllOrdersPaymentStatusType3Type1,
)
from ...models.list_all_orders_status_type_1 import ListAllOrdersStatusType1
from ...models.list_all_orders_status_type_2_type_1 import ListAllOrdersStatusType2Type1
from ...models.list_all_orders_status_type_3_type_1 import ListAllOrdersStatusType3Type1
from ...models.staff_order_page import StaffOrderPage
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_all_orders(
    shop: Shop,
    *,
    status: ListAllOrdersStatusType1
    | ListAllOrdersStatusType2Type1
    | ListAllOrdersStatusType3Type1
    | None
    | Unset = UNSET,
    payment_status: ListAllOrdersPaymentStatusType1
    | ListAllOrdersPaymentStatusType2Type1
    | ListAllOrdersPaymentStatusType3Type1
    | None
    | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    sku: None | str | Unset = UNSET,
    gateway: ListAllOrdersGatewayType1
    | ListAllOrdersGatewayType2Type1
    | ListAllOrdersGatewayType3Type1
    | None
    | Unset = UNSET,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
    number: None | str | Unset = UNSET,
    customer_id: None | Unset | UUID = UNSET,
) -> StaffOrderPage:
    """
    List orders, the newest first.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    params: dict[str, Any] = {}

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

    json_payment_status: None | str | Unset
    if isinstance(payment_status, Unset):
        json_payment_status = UNSET
    elif isinstance(payment_status, str):
        json_payment_status = payment_status
    elif isinstance(payment_status, str):
        json_payment_status = payment_status
    elif isinstance(payment_status, str):
        json_payment_status = payment_status
    else:
        json_payment_status = payment_status
    params["payment_status"] = json_payment_status

    json_since: None | str | Unset
    if isinstance(since, Unset):
        json_since = UNSET
    elif isinstance(since, datetime.datetime):
        json_since = since.isoformat()
    else:
        json_since = since
    params["since"] = json_since

    json_until: None | str | Unset
    if isinstance(until, Unset):
        json_until = UNSET
    elif isinstance(until, datetime.datetime):
        json_until = until.isoformat()
    else:
        json_until = until
    params["until"] = json_until

    json_sku: None | str | Unset
    if isinstance(sku, Unset):
        json_sku = UNSET
    else:
        json_sku = sku
    params["sku"] = json_sku

    json_gateway: None | str | Unset
    if isinstance(gateway, Unset):
        json_gateway = UNSET
    elif isinstance(gateway, str):
        json_gateway = gateway
    elif isinstance(gateway, str):
        json_gateway = gateway
    elif isinstance(gateway, str):
        json_gateway = gateway
    else:
        json_gateway = gateway
    params["gateway"] = json_gateway

    params["limit"] = limit

    json_cursor: None | str | Unset
    if isinstance(cursor, Unset):
        json_cursor = UNSET
    else:
        json_cursor = cursor
    params["cursor"] = json_cursor

    json_number: None | str | Unset
    if isinstance(number, Unset):
        json_number = UNSET
    else:
        json_number = number
    params["number"] = json_number

    json_customer_id: None | str | Unset
    if isinstance(customer_id, Unset):
        json_customer_id = UNSET
    elif isinstance(customer_id, UUID):
        json_customer_id = str(customer_id)
    else:
        json_customer_id = customer_id
    params["customer_id"] = json_customer_id

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/orders",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = StaffOrderPage.from_dict(response.json())

        return response_200

    raise undocumented(response)
