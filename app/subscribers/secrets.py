"""
Secrets of subscribers, and signatures made with them, as Standard Webhooks has them.

A secret is derived from the shop's own, the subscriber and a generation. So it is kept nowhere, and
a copy of the database lets nobody sign.
"""

import hashlib
import hmac
from base64 import b64encode
from datetime import datetime

from standardwebhooks import Webhook

from app.subscribers.models import Subscriber

PREFIX = "whsec_"


def secret_of(subscriber: Subscriber, *, shop_secret: str, generation: int | None = None) -> str:
    """Tell the secret of a generation, the present one by default."""
    generation = generation or subscriber.secret_generation
    message = f"subscriber\x1f{subscriber.id}\x1f{generation}".encode()
    return PREFIX + b64encode(hmac.digest(shop_secret.encode(), message, hashlib.sha256)).decode()


def headers(
    subscriber: Subscriber, *, event_id: str, body: str, now: datetime, shop_secret: str
) -> dict[str, str]:
    """Sign a message; after a rotation the secret before signs too, until its time is over."""
    generations = [subscriber.secret_generation]
    if subscriber.previous_secret_until and now < subscriber.previous_secret_until:
        generations.append(subscriber.secret_generation - 1)
    signatures = [
        Webhook(secret_of(subscriber, shop_secret=shop_secret, generation=each)).sign(
            event_id, now, body
        )
        for each in generations
    ]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
