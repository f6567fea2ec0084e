"""GET /api/v1/admin/invoices"""

import datetime
from typing import Any

from ...models.invoice_page import InvoicePage
from ...models.list_all_invoices_kind_type_1 import ListAllInvoicesKindType1
from ...models.list_all_invoices_kind_type_2_type_1 import ListAllInvoicesKindType2Type1
from ...models.list_all_invoices_kind_type_3_type_1 import ListAllInvoicesKindType3Type1
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_all_invoices(
    shop: Shop,
    *,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
    kind: ListAllInvoicesKindType1
    | ListAllInvoicesKindType2Type1
    | ListAllInvoicesKindType3Type1
    | None
    | Unset = UNSET,
    number: None | str | Unset = UNSET,
    since: datetime.datetime | None | Unset = UNSET,
    until: datetime.datetime | None | Unset = UNSET,
) -> InvoicePage:
    """
    List invoices and credit notes, the newest first.

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

    json_kind: None | str | Unset
    if isinstance(kind, Unset):
        json_kind = UNSET
    elif isinstance(kind, str):
        json_kind = kind
    elif isinstance(kind, str):
        json_kind = kind
    elif isinstance(kind, str):
        json_kind = kind
    else:
        json_kind = kind
    params["kind"] = json_kind

    json_number: None | str | Unset
    if isinstance(number, Unset):
        json_number = UNSET
    else:
        json_number = number
    params["number"] = json_number

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

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/invoices",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = InvoicePage.from_dict(response.json())

        return response_200

    raise undocumented(response)
