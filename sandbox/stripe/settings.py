"""Settings of the Stripe part of the sandbox, read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sandbox.config import BadSettingError


@dataclass(frozen=True, kw_only=True)
class StripeSettings:
    """
    What opens the account and whom it tells.

    The keys are throw-away values for development; they open nothing outside this process.
    """

    secret_key: str = "sk_test_ora_development_key"  # noqa: S105
    webhook_secret: str = "whsec_ora_development_secret"  # noqa: S105
    webhook_url: str = "http://127.0.0.1:8000/webhooks/stripe"
    webhook_timeout_seconds: float = 10.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "StripeSettings":
        """
        Read the settings, an unset or empty variable keeping its default.

        Raises:
            BadSettingError: the webhook URL is not a web address.
        """
        settings = cls(
            secret_key=environment.get("STRIPE_SECRET_KEY") or cls.secret_key,
            webhook_secret=environment.get("STRIPE_WEBHOOK_SECRET") or cls.webhook_secret,
            webhook_url=environment.get("SANDBOX_STRIPE_WEBHOOK_URL") or cls.webhook_url,
        )
        url = urlsplit(settings.webhook_url)
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise BadSettingError(
                f"SANDBOX_STRIPE_WEBHOOK_URL is not a web address: {settings.webhook_url}"
            )
        return settings
