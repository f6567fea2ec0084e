"""Settings: read from the environment once, typed, and refused at start rather than at midnight."""

import os
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from redis.connection import parse_url

# A variable that begins like ours and is none of ours is a spelling mistake.
OWN_PREFIXES = (
    "RAZORPAY_", "STRIPE_", "PAYMENT_", "CASH_", "REFUND_", "WEBHOOK_", "CACHE_", "RESERVATION_",
    "STOCK_REDIS_", "QUEUE_REDIS_", "SHIPPING_", "MAIL_", "RETURN_", "STOREFRONT_", "RATE_",
    "TRUSTED_", "SUBSCRIBER_", "SELLER_", "ADMINS_", "METRICS_", "SENTRY_",
)  # fmt: skip

DEVELOPMENT_SECRETS = {
    "secret_key": "ora-development-secret-key-of-no-worth",
    "razorpay_key_id": "rzp_test_ora_development",
    "razorpay_key_secret": "ora_development_key_secret",
    "razorpay_webhook_secret": "ora_development_webhook_secret",
}
DEVELOPMENT_GSTIN = "33AAAAA0000A1Z5"
# RFC 2104 advises HMAC keys no shorter than the hash; 16 characters is the least we take.
SHORTEST_SECRET = 16
# Stands in every secret that development makes up.
MARK = "ora_development"
OPTIONAL_SECRETS = (
    "razorpay_webhook_secret_previous", "stripe_secret_key", "stripe_webhook_secret",
    "stripe_webhook_secret_previous", "metrics_token",
)  # fmt: skip
GATEWAYS = ("razorpay", "cash_on_delivery", "stripe")

# A state, a PAN, and which of its registrations it is.
_GSTIN = r"^(0[1-9]|1\d|2[0-4679]|3[0-8])[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]$"
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
    # Events of another account that shares the webhook's address are left alone.
    razorpay_account_id: str | None = Field(default=None, pattern=r"^acc_[A-Za-z0-9]{1,40}$")
    stripe_secret_key: SecretStr | None = None
    stripe_publishable_key: str | None = None
    stripe_webhook_secret: SecretStr | None = None
    stripe_webhook_secret_previous: SecretStr | None = None
    stripe_api_url: str = "https://api.stripe.com"
    # What a buyer may choose from; the first is taken where they do not say.
    payment_gateways: Annotated[tuple[str, ...], NoDecode] = ("razorpay",)
    payment_capture: Literal["automatic", "manual"] = "automatic"
    # Section 269ST of the Income-tax Act: less than two lakh rupees in cash.
    cash_on_delivery_up_to: int = Field(default=5_000_000, ge=100, le=19_999_999)
    refund_speed: Literal["normal", "optimum"] = "normal"
    # Razorpay repeats an event for a day, and replays it on request for fifteen.
    webhook_retention_days: int = Field(default=400, ge=16, le=3_650)

    reservation_ttl_seconds: int = Field(default=900, ge=1, le=86_400)
    reservation_extension_seconds: int = Field(default=1_800, ge=1, le=86_400)
    # How old what shoppers look at may be; what they buy by is never kept.
    cache_seconds: float = Field(default=1.0, ge=0, le=60)
    availability_cache_seconds: float = Field(default=0.2, ge=0, le=5)
    shipping_fee: int = Field(default=5_000, ge=0, description="paise")
    shipping_free_from: int = Field(default=100_000, ge=0, description="paise, before tax")

    # Who sells, as invoices have it; the number begins with the code of the seller's state.
    seller_name: str = Field(default="ORA Jewellers", min_length=1, max_length=200)
    seller_address: str = Field(default="Chennai", min_length=1, max_length=500)
    seller_gstin: str = Field(default=DEVELOPMENT_GSTIN, pattern=_GSTIN)

    # From delivery on.
    return_window_days: int = Field(default=15, ge=0, le=365)

    # Requests of buyers that a web process works at once, that wait for it, and for how long; the
    # server in front has threads for all of them (--blocking-threads).
    web_at_once: int = Field(default=4, ge=1, le=64)
    web_waiting: int = Field(default=24, ge=1, le=1_000)
    web_longest_wait_seconds: float = Field(default=0.5, ge=0.01, le=30)
    rate_limits: Literal["on", "off"] = "on"
    # Whether an admin without a second factor can do nothing but set one up.
    admins_need_second_factor: Literal["on", "off"] = "off"
    # Which requests have a line in the log: those that change something or fail, all, or none.
    log_requests: Literal["none", "changes", "all"] = "changes"
    # Where set, /metrics answers only who sends it as a bearer token.
    metrics_token: SecretStr | None = None
    # Where traces go, by OTLP over HTTP, and where errors are reported to; nowhere by default.
    otel_exporter_otlp_endpoint: str | None = Field(default=None, pattern=r"^https?://\S+$")
    sentry_dsn: SecretStr | None = None
    # Which version of the shop this is, as both are told.
    release: str | None = Field(default=None, pattern=r"^[\w.+@-]{1,100}$")
    # Proxies in front of the shop, whose X-Forwarded-For is believed.
    trusted_proxies: int = Field(default=0, ge=0, le=10)
    # Where links in mails lead.
    storefront_url: str = Field(default="http://127.0.0.1:8000", pattern=r"^https?://[^\s/]+/?$")
    mail_url: str = Field(default="file://.data/mail", pattern=r"^(file|smtps?)://", repr=False)
    mail_from: str = "ORA <orders@ora.example>"
    # Which addresses of subscribers are called; any means those of our own network too.
    subscriber_addresses: Literal["public", "any"] = "public"

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
        for name in OPTIONAL_SECRETS:
            secret = getattr(self, name)
            if secret is not None and len(secret.get_secret_value()) < SHORTEST_SECRET:
                raise ValueError(f"{name.upper()} is shorter than {SHORTEST_SECRET} characters")
            is_production = self.app_env is Environment.PRODUCTION
            if secret is not None and is_production and MARK in secret.get_secret_value():
                raise ValueError(f"{name.upper()} still has development's value")
        return self

    @field_validator("payment_gateways", mode="before")
    @classmethod
    def _split(cls, names: Any) -> Any:
        return tuple(names.replace(" ", "").split(",")) if isinstance(names, str) else names

    @model_validator(mode="after")
    def _gateways_can_be_used(self) -> Self:
        names = self.payment_gateways
        if not set(names) <= set(GATEWAYS) or len(set(names)) != len(names) or not names:
            raise ValueError(f"PAYMENT_GATEWAYS takes a list of {', '.join(GATEWAYS)}, each once")
        missing = [
            name.upper()
            for name in ("stripe_secret_key", "stripe_publishable_key", "stripe_webhook_secret")
            if getattr(self, name) is None
        ]
        if "stripe" in names and missing:
            raise ValueError(f"PAYMENT_GATEWAYS names stripe, which needs {', '.join(missing)}")
        return self

    @model_validator(mode="after")
    def _invoices_are_our_own(self) -> Self:
        is_production = self.app_env is Environment.PRODUCTION
        if is_production and self.seller_gstin == DEVELOPMENT_GSTIN:
            raise ValueError("SELLER_GSTIN still has development's value")
        return self

    @model_validator(mode="after")
    def _nobody_looks_inside(self) -> Self:
        if self.app_env is Environment.PRODUCTION and self.subscriber_addresses != "public":
            raise ValueError("SUBSCRIBER_ADDRESSES has to be public in production")
        return self

    @property
    def longest_reservation_seconds(self) -> int:
        """How long a reservation may last at the most, counted from its last change."""
        return max(self.reservation_ttl_seconds, self.reservation_extension_seconds)

    @property
    def razorpay_webhook_secrets(self) -> tuple[str, ...]:
        """The secrets that Razorpay may sign with: the present one, then the one before it."""
        return _plain(self.razorpay_webhook_secret, self.razorpay_webhook_secret_previous)

    @property
    def stripe_webhook_secrets(self) -> tuple[str, ...]:
        """The secrets that Stripe may sign with: the present one, then the one before it."""
        return _plain(self.stripe_webhook_secret, self.stripe_webhook_secret_previous)


def _plain(*secrets: SecretStr | None) -> tuple[str, ...]:
    return tuple(secret.get_secret_value() for secret in secrets if secret is not None)


def plain(secret: SecretStr | None) -> str | None:
    """Read a secret that need not be there."""
    return None if secret is None else secret.get_secret_value()


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
