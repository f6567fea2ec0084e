"""GET /api/v1/admin/imports/{import_id}/errors.csv"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...shop import Shop, undocumented


def list_import_errors(
    shop: Shop,
    import_id: UUID,
) -> str:
    """
    List what is wrong with a file, row by row, as a file.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/imports/{import_id}/errors.csv".format(
            import_id=quote(str(import_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        return response.text
    raise undocumented(response)
