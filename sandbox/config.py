"""Settings of the sandbox, read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

HIGHEST_PORT = 65535


class BadSettingError(ValueError):
    """A setting has a value that the sandbox cannot start with."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """
    What one sandbox serves and whom it tells.

    The key pair and the webhook secret are throw-away values for development;
    they open nothing outside this process.
    """

    host: str = "127.0.0.1"
    port: int = 8001
    key_id: str = "rzp_test_ora_development"
    key_secret: str = "ora_development_key_secret"  # noqa: S105
    webhook_secret: str = "ora_development_webhook_secret"  # noqa: S105
    webhook_url: str = "http://127.0.0.1:8000/webhooks/razorpay"
    # Razorpay gives an endpoint five seconds; an answer after that is a failure.
    webhook_timeout_seconds: float = 5.0
    # Waits between deliveries and before late outcomes are multiplied by this.
    clock_factor: float = 1.0
    database: str = ":memory:"
    # Whose account it is that events tell of.
    account_id: str = "acc_OraSandbox0001"
    # Where the shop delivers its mails; a folder's can be read here.
    mail_url: str = ""

    @property
    def mail_folder(self) -> str | None:
        """The folder that the shop lays its mails into, if it does."""
        url = urlsplit(self.mail_url)
        return unquote(url.netloc + url.path) if url.scheme == "file" else None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """
        Read the settings, an unset or empty variable keeping its default.

        Raises:
            BadSettingError: a number is not a number, or the webhook URL is not a web address.
        """
        texts = {
            field: environment[variable]
            for field, variable in _VARIABLES.items()
            if environment.get(variable)
        }
        settings = cls(
            host=texts.get("host", cls.host),
            port=int(_number("SANDBOX_PORT", texts.get("port", cls.port))),
            key_id=texts.get("key_id", cls.key_id),
            key_secret=texts.get("key_secret", cls.key_secret),
            webhook_secret=texts.get("webhook_secret", cls.webhook_secret),
            webhook_url=texts.get("webhook_url", cls.webhook_url),
            clock_factor=_number(
                "SANDBOX_CLOCK_FACTOR", texts.get("clock_factor", cls.clock_factor)
            ),
            database=texts.get("database", cls.database),
            account_id=texts.get("account_id", cls.account_id),
            mail_url=texts.get("mail_url", cls.mail_url),
        )
        settings.check()
        return settings

    def check(self) -> None:
        """
        Refuse values that would fail later and less clearly.

        Raises:
            BadSettingError: naming the variable and its value.
        """
        if not 0 < self.port <= HIGHEST_PORT:
            raise BadSettingError(f"SANDBOX_PORT is not a port: {self.port}")
        url = urlsplit(self.webhook_url)
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise BadSettingError(f"SANDBOX_WEBHOOK_URL is not a web address: {self.webhook_url}")


_VARIABLES = {
    "host": "SANDBOX_HOST",
    "port": "SANDBOX_PORT",
    "key_id": "RAZORPAY_KEY_ID",
    "key_secret": "RAZORPAY_KEY_SECRET",
    "webhook_secret": "RAZORPAY_WEBHOOK_SECRET",
    "webhook_url": "SANDBOX_WEBHOOK_URL",
    "clock_factor": "SANDBOX_CLOCK_FACTOR",
    "database": "SANDBOX_DATABASE",
    "account_id": "SANDBOX_ACCOUNT_ID",
    "mail_url": "MAIL_URL",
}


def _number(variable: str, text: str | float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    # NaN and infinity fail this comparison too.
    if not 0 < number < float("inf"):
        raise BadSettingError(f"{variable} is not a number above zero: {text}")
    return number
