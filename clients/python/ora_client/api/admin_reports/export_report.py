"""GET /api/v1/admin/reports/{name}.csv"""

import datetime
from typing import Any
from urllib.parse import quote

from ...shop import Shop, undocumented
from ...types import UNSET, Unset


def export_report(
    shop: Shop,
    name: str,
    *,
    from_: datetime.date | None | Unset = UNSET,
    to: datetime.date | None | Unset = UNSET,
) -> str:
    """
    Make a report as CSV.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """

    params: dict[str, Any] = {}

    json_from_: None | str | Unset
    if isinstance(from_, Unset):
        json_from_ = UNSET
    elif isinstance(from_, datetime.date):
        json_from_ = from_.isoformat()
    else:
        json_from_ = from_
    params["from"] = json_from_

    json_to: None | str | Unset
    if isinstance(to, Unset):
        json_to = UNSET
    elif isinstance(to, datetime.date):
        json_to = to.isoformat()
    else:
        json_to = to
    params["to"] = json_to

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/admin/reports/{name}.csv".format(
            name=quote(str(name), safe=""),
        ),
        "params": params,
    }
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        return response.text
    raise undocumented(response)
