"""GET /api/v1/admin/exports/orders.csv"""

import datetime
from typing import Any

from ...models.export_orders_gateway_type_1 import ExportOrdersGatewayType1
from ...models.export_orders_gateway_type_2_type_1 import ExportOrdersGatewayType2Type1
from ...models.export_orders_gateway_type_3_type_1 import ExportOrdersGatewayType3Type1
from ...models.export_orders_payment_status_type_1 import ExportOrdersPaymentStatusType1
from ...models.export_orders_payment_status_type_2_type_1 import ExportOrdersPaymentStatusType2Type1
from ...models.export_orders_payment_status_type_3_type_1 import ExportOrdersPaymentStatusType3Type1
from ...models.export_orders_status_type_1 import ExportOrdersStatusType1
from ...models.export_orders_status_type_2_type_1 import ExportOrdersStatusType2Type1
from ...models.export_orders_status_type_3_type_1 import ExportOrdersStatusType3Type1
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def export_orders(
    shop: Shop,
    *,
    status: ExportOrdersStatusType1
    | ExportOrdersStatusType2Type1
    | ExportOrdersStatusType3Type1
    | None
    | Unset = UNSET,
    payment_status: ExportOrdersPaymentStatusType1
    | ExportOrdersPaymentStatusType2Type1
    | ExportOrdersPaymentStatusType3Type1
    | None
    | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
    sku: None | str | Unset = UNSET,
    gateway: ExportOrdersGatewayType1
    | ExportOrdersGatewayType2Type1
    | ExportOrdersGatewayType3Type1
    | None
    | Unset = UNSET,
) -> str:
    """
    Export orders, the oldest first.

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

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/exports/orders.csv",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        return response.text
    raise undocumented(response)
