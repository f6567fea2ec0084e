"""Settings: read from the environment once, typed, and refused at start rather than at midnight."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from redis.connection import parse_url

from app.version import VERSION

# A variable that begins like ours and is none of ours is a spelling mistake.
OWN_PREFIXES = (
    "RAZORPAY_", "STRIPE_", "PAYMENT_", "CASH_", "REFUND_", "WEBHOOK_", "CACHE_", "RESERVATION_",
    "STOCK_REDIS_", "QUEUE_REDIS_", "SHIPPING_", "MAIL_", "RETURN_", "STOREFRONT_", "RATE_",
    "TRUSTED_", "SUBSCRIBER_", "SELLER_", "ADMINS_", "METRICS_", "SENTRY_", "WORKERS_", "REPLICA_",
)  # fmt: skip

DEVELOPMENT_SECRETS = {
    "secret_key": "ora-development-secret-key-of-no-worth",
    "razorpay_key_id": "rzp_test_ora_development",
    "razorpay_key_secret": "ora_development_key_secret",
    "razorpay_webhook_secret": "ora_development_webhook_secret",
}
DEVELOPMENT_GSTIN = "33AAAAA0000A1Z5"
DEVELOPMENT_SENDER = "ORA <orders@ora.example>"
# RFC 2104 advises HMAC keys no shorter than the hash; 16 characters is the least we take.
SHORTEST_SECRET = 16
# Stands in every secret that development makes up, passwords of its servers included.
MARK = "ora_development"
OPTIONAL_SECRETS = (
    "razorpay_webhook_secret_previous", "stripe_secret_key", "stripe_webhook_secret",
    "stripe_webhook_secret_previous", "metrics_token",
)  # fmt: skip
GATEWAYS = ("razorpay", "cash_on_delivery", "stripe")

# A state, a PAN, and which of its registrations it is.
_GSTIN = r"^(0[1-9]|1\d|2[0-4679]|3[0-8])[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]$"
_NODE = r"[^@/,:]+(:\d{1,5})?"
_NODES = rf"([^@]*@)?{_NODE}(,{_NODE})*"
# What is watched has a name; the sentinels may have users of their own.
_WATCHED = rf"rediss?\+sentinel://{_NODES}/[\w.-]+(\?(&?sentinel_(username|password)=[^&]+)+)?$"
_QUEUE_REDIS = rf"^((unix|rediss?)://|{_WATCHED})"
_STOCK_REDIS = rf"^((unix|rediss?)://|rediss?\+cluster://{_NODES}/?$|{_WATCHED})"


class ConfigurationError(RuntimeError):
    """The environment names a setting that is unknown, missing, malformed or unsafe."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What production refuses: which setting, what about it, and how to mend it."""

    setting: str
    what: str
    remedy: str
    # False where it could not be found out.
    is_certain: bool = True

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.setting} {self.what}: {self.remedy}"


class Environment(StrEnum):
    """Where the shop runs; only production refuses development's secrets."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Every setting of the shop, by the name of its environment variable in lower case."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, frozen=True)

    app_env: Environment = Environment.DEVELOPMENT
    # Of the role that serves, and of the one that owns the tables; only commands need the latter.
    database_url: str = Field(min_length=1, repr=False)
    migration_database_url: str | None = Field(default=None, min_length=1, repr=False)
    # Whether DATABASE_URL is that of a pooler, which gives each transaction another session.
    database_pooler: Literal["none", "transaction"] = "none"
    # A copy for what may be a moment old, and how old that is at the most.
    replica_database_url: str | None = Field(default=None, min_length=1, repr=False)
    replica_longest_lag_seconds: float = Field(default=5, ge=0.5, le=3_600)
    # Of one server, or redis+sentinel://user:password@s1:26379,s2:26379/name of a watched one.
    # redis+cluster://:password@node-1:6379,node-2:6379 for a cluster; RQ cannot live in one.
    stock_redis_url: str = Field(pattern=_STOCK_REDIS, repr=False)
    queue_redis_url: str = Field(pattern=_QUEUE_REDIS, repr=False)

    # Whose packager mended their known holes without giving them another number.
    redis_patched_versions: Annotated[tuple[str, ...], NoDecode] = ()

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
    # server in front has threads for all of them (Procfile).
    web_at_once: int = Field(default=4, ge=1, le=64)
    web_waiting: int = Field(default=160, ge=1, le=1_000)
    web_longest_wait_seconds: float = Field(default=1.5, ge=0.01, le=30)
    # How long web goes on after SIGTERM while it says that it is not ready: longer than it takes
    # the balancer to notice.
    web_drain_seconds: float = Field(default=5, ge=0, le=300)
    rate_limits: Literal["on", "off"] = "on"
    # Whether an admin without a second factor can do nothing but set one up.
    admins_need_second_factor: Literal["on", "off"] = "off"
    # Which requests have a line in the log: those that change something or fail, all, or none.
    log_requests: Literal["none", "changes", "all"] = "changes"
    # Where set, /metrics answers only who sends it as a bearer token.
    metrics_token: SecretStr | None = None
    # Where set, workers and the clock answer /healthz and /metrics there; one process a port.
    workers_port: int | None = Field(default=None, ge=1, le=65_535)
    # Where traces go, by OTLP over HTTP, and where errors are reported to; nowhere by default.
    otel_exporter_otlp_endpoint: str | None = Field(default=None, pattern=r"^https?://\S+$")
    sentry_dsn: SecretStr | None = None
    # Which version of the shop this is, as both are told.
    release: str = Field(default=VERSION, pattern=r"^[\w.+@-]{1,100}$")
    # Proxies in front of the shop, whose X-Forwarded-For is believed.
    trusted_proxies: int = Field(default=0, ge=0, le=10)
    # Where links in mails lead.
    storefront_url: str = Field(default="http://127.0.0.1:8000", pattern=r"^https?://[^\s/]+/?$")
    mail_url: str = Field(default="file://.data/mail", pattern=r"^(file|smtps?)://", repr=False)
    mail_from: str = DEVELOPMENT_SENDER
    # Which addresses of subscribers are called; any means those of our own network too.
    subscriber_addresses: Literal["public", "any"] = "public"

    @field_validator("stock_redis_url", "queue_redis_url")
    @classmethod
    def _is_readable(cls, url: str) -> str:
        # The pattern says all of those of several servers.
        if "+" not in url.partition("://")[0]:
            parse_url(url)  # type: ignore[no-untyped-call]
        return url

    @model_validator(mode="after")
    def _secrets_are_secret(self) -> Self:
        for name in DEVELOPMENT_SECRETS:
            value = getattr(self, name)
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            if len(plain) < SHORTEST_SECRET:
                raise ValueError(f"{name.upper()} is shorter than {SHORTEST_SECRET} characters")
        for name in OPTIONAL_SECRETS:
            secret = getattr(self, name)
            if secret is not None and len(secret.get_secret_value()) < SHORTEST_SECRET:
                raise ValueError(f"{name.upper()} is shorter than {SHORTEST_SECRET} characters")
        return self

    @field_validator("payment_gateways", "redis_patched_versions", mode="before")
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


def load_settings(*, refuses_unsafe: bool = True) -> Settings:
    """
    Read the environment, and `.env` in development.

    Raises:
        ConfigurationError: naming every variable that is unknown, missing or malformed, or what of
            them is unsafe in production, unless that is to be looked at.
    """
    _refuse_unknown(os.environ)
    env_file = ".env" if os.environ.get("APP_ENV", "development") == "development" else None
    try:
        settings = Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise ConfigurationError(_explain(error)) from None
    found = list(unsafe(settings, os.environ))
    if found and refuses_unsafe and settings.app_env is Environment.PRODUCTION:
        raise ConfigurationError(refusal(found))
    return settings


def refusal(found: Iterable[Finding]) -> str:
    """Say why production does not start."""
    return "\n".join(["Production does not start like this:", *(f"  {one}" for one in found)])


def unsafe(settings: Settings, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Tell which settings are not for production, whatever the environment is."""
    yield from _of_development(settings)
    yield from _of_addresses(settings)
    if settings.subscriber_addresses != "public":
        yield Finding(
            "SUBSCRIBER_ADDRESSES",
            "has to be public in production, or subscribers are called inside our network",
            "leave it out",
        )
    if settings.rate_limits == "off":
        yield Finding("RATE_LIMITS", "is off, so that passwords can be guessed", "leave it out")
    if environ.get("FLASK_DEBUG", "").lower() not in ("", "0", "false", "no"):
        yield Finding("FLASK_DEBUG", "is on, and shows the inside of errors", "leave it out")


def _of_development(settings: Settings) -> Iterator[Finding]:
    made_up = [
        name
        for name in (*DEVELOPMENT_SECRETS, *OPTIONAL_SECRETS)
        if _is_made_up(name, getattr(settings, name))
    ]
    made_up += ["seller_gstin"] * (settings.seller_gstin == DEVELOPMENT_GSTIN)
    made_up += ["mail_from"] * (settings.mail_from == DEVELOPMENT_SENDER)
    for name in made_up:
        yield Finding(
            name.upper(), "still has development's value", "set it to one of the shop's own"
        )
    if settings.mail_url.startswith("file:"):
        yield Finding("MAIL_URL", "writes mails into a folder", "name a mail server, smtps://...")
    servers = ("database_url", "migration_database_url", "replica_database_url")
    for name in (*servers, "stock_redis_url", "queue_redis_url"):
        if MARK in (getattr(settings, name) or ""):
            yield Finding(
                name.upper(), "names a server that `make run` started", "name production's own"
            )


def _is_made_up(name: str, value: SecretStr | str | None) -> bool:
    plain = value.get_secret_value() if isinstance(value, SecretStr) else value or ""
    return plain == DEVELOPMENT_SECRETS.get(name, MARK) or MARK in plain


def _of_addresses(settings: Settings) -> Iterator[Finding]:
    for name in ("storefront_url", "razorpay_api_url", "stripe_api_url"):
        if not getattr(settings, name).startswith("https://"):
            yield Finding(name.upper(), "is reached in the clear", "use https://...")
    for name in ("stock_redis_url", "queue_redis_url"):
        login = urlsplit(getattr(settings, name)).netloc.rpartition("@")[0]
        user, _, password = login.partition(":")
        remedy = f"make the user of ops/redis/{name.removesuffix('_redis_url')}.acl, and name it"
        if not password:
            yield Finding(name.upper(), "has no password", remedy)
        elif user in ("", "default"):
            yield Finding(name.upper(), "names no user, so that default is used", remedy)


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
