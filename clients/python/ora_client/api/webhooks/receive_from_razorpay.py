"""POST /webhooks/razorpay"""

from typing import Any

from ...models.receive_from_razorpay_body import ReceiveFromRazorpayBody
from ...shop import Shop, undocumented


def receive_from_razorpay(
    shop: Shop,
    *,
    body: ReceiveFromRazorpayBody,
    x_razorpay_signature: str,
    x_razorpay_event_id: str,
) -> None:
    """
    Take in an event of Razorpay's; it is stored before it is answered, and worked afterwards.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}
    headers["X-Razorpay-Signature"] = x_razorpay_signature

    headers["X-Razorpay-Event-Id"] = x_razorpay_event_id

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/webhooks/razorpay",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        return None
    raise undocumented(response)
