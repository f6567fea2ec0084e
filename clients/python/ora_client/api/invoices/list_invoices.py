"""GET /api/v1/orders/{order_id}/invoices"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.invoice_list import InvoiceList
from ...shop import Shop, undocumented


def list_invoices(
    shop: Shop,
    order_id: UUID,
) -> InvoiceList:
    """
    List an order's invoice, which is written when it is shipped, and its credit notes.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/orders/{order_id}/invoices".format(
            order_id=quote(str(order_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = InvoiceList.from_dict(response.json())

        return response_200

    raise undocumented(response)
