"""GET /api/v1/admin/invoices/{invoice_id}.pdf"""

from io import BytesIO
from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...shop import Shop, undocumented
from ...types import File


def print_any_invoice(
    shop: Shop,
    invoice_id: UUID,
) -> File:
    """
    Print an invoice or credit note.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/invoices/{invoice_id}.pdf".format(
            invoice_id=quote(str(invoice_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = File(payload=BytesIO(response.content))

        return response_200

    raise undocumented(response)
