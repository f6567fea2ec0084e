import os

import pytest

from app.config import ConfigurationError, Settings, load_settings

REQUIRED = {
    "DATABASE_URL": "postgresql+psycopg://shop@localhost/shop",
    "STOCK_REDIS_URL": "redis://localhost/0",
    "QUEUE_REDIS_URL": "redis://localhost/1",
}
OWN_SECRETS = {
    "SECRET_KEY": "a secret key of this very shop",
    "RAZORPAY_KEY_ID": "rzp_live_of_this_very_shop",
    "RAZORPAY_KEY_SECRET": "a key secret of this very shop",
    "RAZORPAY_WEBHOOK_SECRET": "a webhook secret of this very shop",
}


OWN_PRODUCTION = OWN_SECRETS | {
    "APP_ENV": "production",
    "DATABASE_URL": "postgresql+psycopg://ora_app:of-its-own@db/shop",
    "MAIL_FROM": "The shop <orders@shop.example>",
    "MAIL_URL": "smtps://mail",
    "QUEUE_REDIS_URL": "redis://ora_queue:of-its-own@queue/0",
    "SELLER_GSTIN": "27ABCDE1234F1Z5",
    "STOCK_REDIS_URL": "redis+cluster://ora_stock:of-its-own@node-1,node-2",
    "STOREFRONT_URL": "https://shop.example",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """Only what is required is set, and no .env is at hand."""
    monkeypatch.chdir(tmp_path)
    names = {name.upper() for name in Settings.model_fields}
    for name in list(os.environ):
        if name in names or name.startswith(("RAZORPAY_", "MAIL_", "SHIPPING_")):
            monkeypatch.delenv(name)
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def refusal():
    with pytest.raises(ConfigurationError) as refused:
        load_settings()
    return str(refused.value)


def test_development_needs_no_more_than_its_servers():
    settings = load_settings()

    assert settings.app_env == "development"
    assert settings.database_url == REQUIRED["DATABASE_URL"]
    assert settings.reservation_ttl_seconds == 900
    assert settings.razorpay_webhook_secrets == ("ora_development_webhook_secret",)


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
def test_a_server_that_is_not_named_is_asked_for_by_name(environment, name, value):
    environment.delenv(name) if value is None else environment.setenv(name, value)

    message = refusal()

    assert f"  {name}: " in message
    assert not any(other in message for other in REQUIRED if other != name)


@pytest.mark.parametrize(
    "name",
    [
        "RAZORPAY_KEY_SECERT",
        "RESERVATION_TTL",
        "STOCK_REDIS_URI",
        "MAIL_TO",
        "ADMINS_NEED_SECOND_FACTORS",
    ],
)
def test_a_setting_that_is_misspelt_is_named(environment, name):
    environment.setenv(name, "anything")

    assert refusal() == f"Unknown settings in the environment: {name}"


def test_variables_of_others_are_none_of_our_business(environment):
    environment.setenv("SMTP_HOST", "anything")

    assert load_settings().app_env == "development"


@pytest.mark.parametrize("name", OWN_SECRETS)
def test_a_short_secret_is_named_and_not_told(environment, name):
    environment.setenv(name, "too-short-a-one")

    message = refusal()

    assert f"{name} is shorter than 16 characters" in message
    assert "too-short-a-one" not in message


def test_the_secret_before_must_not_be_short_either(environment):
    environment.setenv("RAZORPAY_WEBHOOK_SECRET_PREVIOUS", "too-short-a-one")

    assert "RAZORPAY_WEBHOOK_SECRET_PREVIOUS is shorter than 16 characters" in refusal()


@pytest.mark.parametrize("name", OWN_SECRETS)
@pytest.mark.parametrize("is_set", [True, False], ids=["set", "left out"])
def test_production_refuses_developments_secrets_by_name(environment, name, is_set):
    for own, value in OWN_PRODUCTION.items():
        environment.setenv(own, value)
    development = Settings.model_fields[name.lower()].default
    if is_set:
        environment.setenv(name, getattr(development, "get_secret_value", lambda: development)())
    else:
        environment.delenv(name)

    assert f"{name} still has development's value" in refusal()


def test_production_calls_no_subscriber_inside_its_own_network(environment):
    for name, value in OWN_PRODUCTION.items():
        environment.setenv(name, value)
    assert load_settings().subscriber_addresses == "public"

    environment.setenv("SUBSCRIBER_ADDRESSES", "any")

    assert "SUBSCRIBER_ADDRESSES has to be public in production" in refusal()


def test_production_issues_no_invoice_in_developments_name(environment):
    for name, value in OWN_PRODUCTION.items():
        environment.setenv(name, value)
    environment.delenv("SELLER_GSTIN")

    assert "SELLER_GSTIN still has development's value" in refusal()


@pytest.mark.parametrize(
    "number", ["27ABCDE1234F1Z", "99ABCDE1234F1Z5", "25ABCDE1234F1Z5", "27abcde1234f1z5"]
)
def test_a_sellers_number_that_is_none_is_refused(environment, number):
    environment.setenv("SELLER_GSTIN", number)

    assert "SELLER_GSTIN" in refusal()


def test_production_starts_with_secrets_of_its_own(environment):
    for name, value in OWN_PRODUCTION.items():
        environment.setenv(name, value)

    settings = load_settings()

    assert settings.app_env == "production"
    assert settings.secret_key.get_secret_value() == OWN_SECRETS["SECRET_KEY"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APP_ENV", "staging"),
        ("RESERVATION_TTL_SECONDS", "0"),
        ("RESERVATION_TTL_SECONDS", "86401"),
        ("RESERVATION_TTL_SECONDS", "soon"),
        ("SHIPPING_FEE", "-1"),
        ("MAIL_URL", "ftp://mail"),
    ],
)
def test_a_value_that_cannot_be_meant_is_named(environment, name, value):
    environment.setenv(name, value)

    assert f"  {name}: " in refusal()


def test_every_setting_that_is_wrong_is_named_at_once(environment):
    environment.delenv("DATABASE_URL")
    environment.setenv("SHIPPING_FEE", "-1")
    environment.setenv("RESERVATION_TTL_SECONDS", "0")

    message = refusal()

    named = ("DATABASE_URL", "SHIPPING_FEE", "RESERVATION_TTL_SECONDS")
    assert [name for name in named if f"  {name}: " in message] == list(named)


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("DATABASE_URL", "postgresql+psycopg://ora_app:ora_development_x@h/d", "`make run`"),
        ("MIGRATION_DATABASE_URL", "postgresql+psycopg://o:ora_development_x@h/d", "`make run`"),
        ("STOCK_REDIS_URL", "redis://ora_stock:ora_development_x@127.0.0.1:1/0", "`make run`"),
        ("QUEUE_REDIS_URL", "redis://ora_queue:ora_development_x@127.0.0.1:1/0", "`make run`"),
        ("STOCK_REDIS_URL", "redis://h/0", "has no password"),
        ("QUEUE_REDIS_URL", "rediss://ora_queue@h/0", "has no password"),
        ("QUEUE_REDIS_URL", "redis://:of-its-own@h/0", "names no user"),
        ("STOCK_REDIS_URL", "redis+cluster://default:of-its-own@h,i", "names no user"),
        ("STOREFRONT_URL", "http://shop.example", "in the clear"),
        ("STOREFRONT_URL", None, "in the clear"),
        ("RAZORPAY_API_URL", "http://127.0.0.1:8001", "in the clear"),
        ("STRIPE_API_URL", "http://127.0.0.1:8001/stripe", "in the clear"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_ora_development_secret", "still has development's value"),
        ("MAIL_URL", None, "writes mails into a folder"),
        ("MAIL_FROM", None, "still has development's value"),
        ("RATE_LIMITS", "off", "passwords can be guessed"),
        ("FLASK_DEBUG", "1", "shows the inside of errors"),
    ],
)
def test_production_refuses_what_is_not_safe_by_name(environment, name, value, what):
    for own, kept in OWN_PRODUCTION.items():
        environment.setenv(own, kept)
    assert load_settings().app_env == "production"

    environment.delenv(name) if value is None else environment.setenv(name, value)

    [line] = refusal().splitlines()[1:]
    assert line.startswith(f"  {name} ")
    assert what in line
    assert "of-its-own" not in line


def test_what_production_refuses_is_told_at_once_and_may_be_looked_at(environment):
    environment.setenv("APP_ENV", "production")

    named = [line.split()[0] for line in refusal().splitlines()[1:]]

    assert {"SECRET_KEY", "SELLER_GSTIN", "MAIL_URL", "STOCK_REDIS_URL"} <= set(named)
    assert load_settings(refuses_unsafe=False).app_env == "production"


def test_nothing_of_it_is_refused_elsewhere(environment):
    environment.setenv("FLASK_DEBUG", "1")
    environment.setenv("APP_ENV", "test")

    assert load_settings().app_env == "test"


def test_versions_that_a_packager_mended_are_a_list(environment):
    environment.setenv("REDIS_PATCHED_VERSIONS", "7.0.15, 6.2.14")

    assert load_settings().redis_patched_versions == ("7.0.15", "6.2.14")


def test_both_webhook_secrets_are_good_while_one_replaces_the_other(environment):
    environment.setenv("RAZORPAY_WEBHOOK_SECRET", "the new webhook secret")
    environment.setenv("RAZORPAY_WEBHOOK_SECRET_PREVIOUS", "the old webhook secret")

    assert load_settings().razorpay_webhook_secrets == (
        "the new webhook secret",
        "the old webhook secret",
    )


def test_a_file_of_settings_counts_in_development_only(environment, tmp_path):
    (tmp_path / ".env").write_text("SHIPPING_FEE=7\n")
    assert load_settings().shipping_fee == 7

    environment.setenv("APP_ENV", "test")
    assert load_settings().shipping_fee == 5_000


def test_settings_that_are_printed_tell_no_secret(environment):
    environment.setenv("DATABASE_URL", "postgresql+psycopg://shop:hush-hush@localhost/shop")
    environment.setenv("SECRET_KEY", "hush-hush, a secret key")
    environment.setenv("RAZORPAY_KEY_SECRET", "hush-hush, a key secret")

    assert "hush" not in repr(load_settings())


@pytest.mark.parametrize(
    "url",
    [
        "redis://:p@h:6379/0", "rediss://h", "unix:///run/redis.sock",
        "redis+cluster://h", "redis+cluster://:p@h:1,h:2", "rediss+cluster://u:p@h:1,i/",
        "redis+sentinel://h/stock", "rediss+sentinel://u:p@h:1,i/stock",
    ],
)  # fmt: skip
def test_stock_may_be_on_one_server_on_a_watched_one_or_on_a_cluster(environment, url):
    environment.setenv("STOCK_REDIS_URL", url)

    assert load_settings().stock_redis_url == url


@pytest.mark.parametrize(
    "url",
    [
        "redis+sentinel://h:1/queue", "redis+sentinel://u:p@h:1,h:2/queue",
        "redis+sentinel://u:p@h/queue?sentinel_username=a&sentinel_password=b",
    ],
)  # fmt: skip
def test_the_queues_may_be_on_a_watched_server(environment, url):
    environment.setenv("QUEUE_REDIS_URL", url)

    assert load_settings().queue_redis_url == url


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("STOCK_REDIS_URL", "http://h"),
        ("STOCK_REDIS_URL", "redis://h:port/0"),
        ("STOCK_REDIS_URL", "redis+cluster://"),
        ("STOCK_REDIS_URL", "redis+cluster://h:port"),
        ("STOCK_REDIS_URL", "redis+cluster://h:1,,h:2"),
        ("STOCK_REDIS_URL", "redis+sentinel://h:1"),
        ("STOCK_REDIS_URL", "redis+sentinel://h:1/stock/0"),
        ("QUEUE_REDIS_URL", "redis+sentinel://h:1/queue?password=p"),
        ("QUEUE_REDIS_URL", "redis+cluster://h:1"),
        ("QUEUE_REDIS_URL", "redis://h:port"),
    ],
)
def test_an_address_of_redis_that_cannot_be_one_is_named(environment, name, url):
    environment.setenv(name, url)

    assert f"  {name}: " in refusal()
