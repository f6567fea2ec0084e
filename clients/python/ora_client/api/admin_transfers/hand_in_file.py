"""POST /api/v1/admin/imports"""

from typing import Any

from ...models.hand_in_file_kind import HandInFileKind
from ...models.import_ import Import
from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def hand_in_file(
    shop: Shop,
    *,
    body: str,
    kind: HandInFileKind,
    dry_run: bool | Unset = False,
) -> Import:
    """
    Hand a CSV file in; a worker imports all of it, or nothing and says why.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    params: dict[str, Any] = {}

    json_kind: str = kind
    params["kind"] = json_kind

    params["dry_run"] = dry_run

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/imports",
        "params": params,
    }
    _kwargs["content"] = body
    headers["Content-Type"] = "text/csv"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 202:
        response_202 = Import.from_dict(response.json())

        return response_202

    raise undocumented(response)
