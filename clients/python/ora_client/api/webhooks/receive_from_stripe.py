"""POST /webhooks/stripe"""

from typing import Any

from ...models.receive_from_stripe_body import ReceiveFromStripeBody
from ...shop import Shop, undocumented


def receive_from_stripe(
    shop: Shop,
    *,
    body: ReceiveFromStripeBody,
    stripe_signature: str,
) -> None:
    """
    Take in an event of Stripe's, where the shop has an account there.

    Raises:
        ProblemError: the shop refuses; its ``code`` says why.
    """
    headers: dict[str, Any] = {}
    headers["Stripe-Signature"] = stripe_signature

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/webhooks/stripe",
    }
    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"
    _kwargs["headers"] = headers
    response = shop.send(**_kwargs)
    if response.status_code == 200:
        return None
    raise undocumented(response)
