"""Settings: read from the environment once, typed, and refused at start rather than at midnight."""

import os
from enum import StrEnum
from typing import Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from redis.connection import parse_url

# A variable that begins like ours and is none of ours is a spelling mistake.
OWN_PREFIXES = ("RAZORPAY_", "RESERVATION_", "STOCK_REDIS_", "QUEUE_REDIS_", "SHIPPING_", "MAIL_")

DEVELOPMENT_SECRETS = {
    "secret_key": "ora-development-secret-key-of-no-worth",
    "razorpay_key_id": "rzp_test_ora_development",
    "razorpay_key_secret": "ora_development_key_secret",
    "razorpay_webhook_secret": "ora_development_webhook_secret",
}
# RFC 2104 advises HMAC keys no shorter than the hash; 16 characters is the least we take.
SHORTEST_SECRET = 16


_NODE = r"[^@/,:]+(:\d{1,5})?"
_STOCK_REDIS = rf"^((unix|rediss?)://|rediss?\+cluster://([^@]*@)?{_NODE}(,{_NODE})*/?$)"


class ConfigurationError(RuntimeError):
    """The environment names a setting that is unknown, missing, malformed or unsafe."""


class Environment(StrEnum):
    """Where the shop runs; only production refuses development's secrets."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Every setting of the shop, by the name of its environment variable in lower case."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, frozen=True)

    app_env: Environment = Environment.DEVELOPMENT
    database_url: str = Field(min_length=1, repr=False)
    # redis+cluster://:password@node-1:6379,node-2:6379 for a cluster; RQ cannot live in one.
    stock_redis_url: str = Field(pattern=_STOCK_REDIS, repr=False)
    queue_redis_url: str = Field(pattern=r"^(unix|rediss?)://", repr=False)

    secret_key: SecretStr = SecretStr(DEVELOPMENT_SECRETS["secret_key"])
    razorpay_key_id: str = DEVELOPMENT_SECRETS["razorpay_key_id"]
    razorpay_key_secret: SecretStr = SecretStr(DEVELOPMENT_SECRETS["razorpay_key_secret"])
    razorpay_webhook_secret: SecretStr = SecretStr(DEVELOPMENT_SECRETS["razorpay_webhook_secret"])
    razorpay_webhook_secret_previous: SecretStr | None = None
    razorpay_api_url: str = "https://api.razorpay.com"

    reservation_ttl_seconds: int = Field(default=900, ge=1, le=86_400)
    reservation_extension_seconds: int = Field(default=1_800, ge=1, le=86_400)
    shipping_fee: int = Field(default=5_000, ge=0, description="paise")
    shipping_free_from: int = Field(default=100_000, ge=0, description="paise, before tax")

    mail_url: str = Field(default="file://.data/mail", pattern=r"^(file|smtps?)://", repr=False)
    mail_from: str = "ORA <orders@ora.example>"

    @field_validator("stock_redis_url", "queue_redis_url")
    @classmethod
    def _is_readable(cls, url: str) -> str:
        if "+cluster" not in url.partition("://")[0]:
            parse_url(url)  # type: ignore[no-untyped-call]
        return url

    @model_validator(mode="after")
    def _secrets_are_secret(self) -> Self:
        for name, development_value in DEVELOPMENT_SECRETS.items():
            value = getattr(self, name)
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            if len(plain) < SHORTEST_SECRET:
                raise ValueError(f"{name.upper()} is shorter than {SHORTEST_SECRET} characters")
            if self.app_env is Environment.PRODUCTION and plain == development_value:
                raise ValueError(f"{name.upper()} still has development's value")
        previous = self.razorpay_webhook_secret_previous
        if previous is not None and len(previous.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError("RAZORPAY_WEBHOOK_SECRET_PREVIOUS is too short")
        return self

    @property
    def longest_reservation_seconds(self) -> int:
        """How long a reservation may last at the most, counted from its last change."""
        return max(self.reservation_ttl_seconds, self.reservation_extension_seconds)

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """The secrets a webhook may be signed with: the present one, then the one before it."""
        secrets = (self.razorpay_webhook_secret, self.razorpay_webhook_secret_previous)
        return tuple(secret.get_secret_value() for secret in secrets if secret is not None)


def load_settings() -> Settings:
    """
    Read the environment, and `.env` in development.

    Raises:
        ConfigurationError: naming every variable that is unknown, missing or malformed.
    """
    _refuse_unknown(os.environ)
    env_file = ".env" if os.environ.get("APP_ENV", "development") == "development" else None
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise ConfigurationError(_explain(error)) from None


def _refuse_unknown(environ: os._Environ[str]) -> None:
    known = {name.upper() for name in Settings.model_fields}
    unknown = sorted(n for n in environ if n.startswith(OWN_PREFIXES) and n not in known)
    if unknown:
        raise ConfigurationError(f"Unknown settings in the environment: {', '.join(unknown)}")


def _explain(error: ValidationError) -> str:
    lines = ["The configuration cannot be used:"]
    for item in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in item["loc"]).upper()
        hint = " (`make run` starts servers and sets it)" if item["type"] == "missing" else ""
        lines.append(f"  {name or 'settings'}: {item['msg']}{hint}")
    return "\n".join(lines)
