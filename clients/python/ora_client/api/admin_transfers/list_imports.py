"""GET /api/v1/admin/imports"""

from typing import Any

from ...models.import_page import ImportPage
from ...models.list_imports_kind_type_1 import ListImportsKindType1
from ...models.list_imports_kind_type_2_type_1 import ListImportsKindType2Type1
from ...models.list_imports_kind_type_3_type_1 import ListImportsKindType3Type1
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def list_imports(
    shop: Shop,
    *,
    limit: int | Unset = 20,
    cursor: None | str | Unset = UNSET,
    kind: ListImportsKindType1
    | ListImportsKindType2Type1
    | ListImportsKindType3Type1
    | None
    | Unset = UNSET,
) -> ImportPage:
    """
    List imports, the newest first.

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

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/imports",
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        response_200 = ImportPage.from_dict(response.json())

        return response_200

    raise undocumented(response)
