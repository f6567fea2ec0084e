"""GET /api/v1/admin/imports/{import_id}"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...models.import_ import Import
from ...shop import Shop, undocumented


def show_import(
    shop: Shop,
    import_id: UUID,
) -> Import:
    """
    Tell how far an import is, and what came of it.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/imports/{import_id}".format(
            import_id=quote(str(import_id), safe=""),
        ),
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = Import.from_dict(response.json())

        return response_200

    raise undocumented(response)
