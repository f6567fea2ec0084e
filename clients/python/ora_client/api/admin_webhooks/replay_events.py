"""POST /api/v1/admin/webhooks/replay"""

from typing import Any

from ...models.replay import Replay
from ...models.replayed import Replayed
from ...shop import Shop, undocumented


def replay_events(
    shop: Shop,
    *,
    body: Replay,
) -> Replayed:
    """
    Have up to 200 events worked again, all of them or none.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/admin/webhooks/replay",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 202:
        response_202 = Replayed.from_dict(response.json())

        return response_202

    raise undocumented(response)
