"""Production does not start on servers where an attacker could do more than the shop."""

import os
import subprocess
import sys

import pytest
from redis import Redis
from sqlalchemy import text

from app import production
from app.config import MARK, ConfigurationError, Environment
from app.core import db, jobs, redis_client
from app.core.redis_client import make_client
from app.production import known_holes, of_rights, of_servers, refuse_unsafe_servers
from dev.ports import free_port
from dev.redis_server import RedisServer
from tests.dev.conftest import ROOT

OWN = {
    "APP_ENV": "production", "MAIL_FROM": "The shop <orders@shop.example>", "MAIL_URL": "smtps://m",
    "PAYMENT_GATEWAYS": "razorpay", "RATE_LIMITS": "on", "RAZORPAY_API_URL": "https://api.example",
    "RAZORPAY_KEY_ID": "rzp_live_of_this_very_shop", "RAZORPAY_KEY_SECRET": "a secret of this shop",
    "RAZORPAY_WEBHOOK_SECRET": "a webhook secret of this shop", "SECRET_KEY": "a key of this shop",
    "SELLER_GSTIN": "27ABCDE1234F1Z5", "STOREFRONT_URL": "https://shop.example",
    "STRIPE_API_URL": "", "STRIPE_PUBLISHABLE_KEY": "", "STRIPE_SECRET_KEY": "",
    "STRIPE_WEBHOOK_SECRET": "", "SUBSCRIBER_ADDRESSES": "public",
}  # fmt: skip


@pytest.fixture
def in_production(settings, redis):
    """Settings of a shop in production, on the test's servers, whose version is vouched for."""
    told = redis.info("server")["redis_version"]
    patched = {"app_env": Environment.PRODUCTION, "redis_patched_versions": (told,)}
    return settings.model_copy(update=patched)


def findings(settings):
    return [(finding.setting, finding.what) for finding in of_servers(settings)]


STARTED_BY_RUN = ("DATABASE_URL", "is a Postgres that `make run` started")


def test_of_the_shops_own_roles_and_users_nothing_is_refused(in_production):
    assert findings(in_production) == [STARTED_BY_RUN]
    assert list(of_rights()) == []


def test_nothing_is_asked_outside_production(settings, monkeypatch):
    monkeypatch.setattr(production, "of_servers", None)

    refuse_unsafe_servers(settings)


def test_a_process_is_told_everything_at_once_and_how_to_mend_it(in_production):
    with pytest.raises(ConfigurationError) as refused:
        refuse_unsafe_servers(in_production.model_copy(update={"redis_patched_versions": ()}))

    title, *lines = str(refused.value).splitlines()
    assert title == "Production does not start like this:"
    assert [line.split()[0] for line in lines] == [
        "DATABASE_URL", "STOCK_REDIS_URL", "QUEUE_REDIS_URL",
    ]  # fmt: skip
    assert all("has known holes" in line for line in lines[1:])
    assert all("update it to 6.2.23 or later" in line or "7.2.15" in line for line in lines[1:])


@pytest.fixture
def postgres_as(settings, server_urls):
    """Connects the app as another role, for the rest of the test."""
    yield db.connect
    db.connect(settings.database_url)


def test_a_role_that_is_a_superuser_is_refused(in_production, postgres_as, server_urls):
    postgres_as(server_urls.admin["DATABASE_URL"])

    assert ("DATABASE_URL", "role ora is a superuser") in findings(in_production)


def test_a_role_that_owns_the_ledger_is_refused(in_production, postgres_as, server_urls):
    postgres_as(server_urls["MIGRATION_DATABASE_URL"])

    found = findings(in_production)

    assert (
        "DATABASE_URL",
        "role ora_owner owns the ledger, so that it may alter and drop it",
    ) in found
    assert ("DATABASE_URL", "role ora_owner may create tables and functions") in found


@pytest.mark.parametrize(
    ("right", "table"),
    [("UPDATE", "stock_movements"), ("TRUNCATE", "audit_log"), ("DELETE", "invoices")],
)
def test_a_role_that_may_alter_a_record_is_refused(in_production, session, right, table):
    session.execute(text(f"GRANT {right} ON {table} TO ora_app"))
    try:
        found = findings(in_production)
        looked_at = [str(finding) for finding in of_rights()]
    finally:
        session.execute(text(f"REVOKE {right} ON {table} FROM ora_app"))

    told = f"role ora_app may {right} on {table}"
    assert [what.partition(",")[0] for _, what in found] == [STARTED_BY_RUN[1], told]
    remedy = "run `flask grant-rights` as the owner (MIGRATION_DATABASE_URL)"
    assert looked_at == [f"DATABASE_URL {told}, and need not: {remedy}"]


def test_a_right_too_few_is_told_to_who_looks(in_production, session):
    session.execute(text("REVOKE INSERT ON refunds FROM ora_app"))
    try:
        [told] = of_rights()
        found = findings(in_production)
    finally:
        session.execute(text("GRANT INSERT ON refunds TO ora_app"))

    assert told.what == "role ora_app may not INSERT on refunds"
    # A release that needs another right is no reason not to start this one.
    assert found == [STARTED_BY_RUN]


def test_the_user_default_and_whoever_may_do_everything_is_refused(
    in_production, settings, tmp_path, monkeypatch
):
    server = RedisServer(tmp_path / "redis", durable=False)
    server.start()
    monkeypatch.setattr(redis_client, "_redis", make_client(server.url))
    monkeypatch.setattr(jobs, "_connection", Redis.from_url(server.url))
    try:
        found = findings(in_production)
    finally:
        redis_client.redis().close()
        jobs.connection().close()
        server.remove()

    for setting in ("STOCK_REDIS_URL", "QUEUE_REDIS_URL"):
        assert [what for name, what in found if name == setting] == [
            "is used as Redis' user default",
            "its user may run CONFIG, and so do anything with the server",
            "its user may read keys that are none of the shop's",
        ]


def test_servers_that_do_not_answer_are_not_judged(in_production, monkeypatch, postgres_as):
    postgres_as(f"postgresql+psycopg://ora_app:x@127.0.0.1:{free_port()}/ora")
    with (
        make_client(f"redis://u:x@127.0.0.1:{free_port()}/0") as nobody,
        Redis(port=free_port()) as nobody_else,
    ):
        monkeypatch.setattr(redis_client, "_redis", nobody)
        monkeypatch.setattr(jobs, "_connection", nobody_else)

        refuse_unsafe_servers(in_production)

        told = list(of_servers(in_production))
    assert [finding.setting for finding in told] == [
        "DATABASE_URL", "STOCK_REDIS_URL", "QUEUE_REDIS_URL",
    ]  # fmt: skip
    assert not any(finding.is_certain for finding in told)


@pytest.mark.parametrize(
    ("product", "version", "better"),
    [
        ("Redis", "6.2.14", "6.2.23"), ("Redis", "6.2.23", None), ("Redis", "6.0.20", "6.2.23"),
        ("Redis", "7.0.15", "7.2.15"), ("Redis", "7.2.14", "7.2.15"), ("Redis", "7.4.10", None),
        ("Redis", "8.0.6", "8.2.8"), ("Redis", "8.6.4", "8.6.5"), ("Redis", "8.8.1", None),
        ("Redis", "8.10.0", None), ("Redis", "9.0.0", None), ("Redis", "255.255.255", None),
        ("Valkey", "7.2.13", "7.2.14"), ("Valkey", "8.1.9", None), ("Valkey", "9.0.4", "9.0.5"),
        ("Valkey", "9.2.0", None),
    ],
)  # fmt: skip
def test_versions_with_known_holes_are_known(product, version, better):
    assert known_holes(product, version) == better


def test_a_version_that_somebody_vouched_for_is_taken():
    assert known_holes("Redis", "7.0.15", ("7.0.15",)) is None
    assert known_holes("Redis", "7.0.14", ("7.0.15",)) is not None


START = {
    "web": ["-c", "import wsgi"],
    "worker": ["-m", "workers.run", "mail"],
    "clock": ["-m", "workers.clock"],
}


def run(arguments, **environ):
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=os.environ | OWN | environ,
        check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("process", START)
def test_no_process_starts_with_what_development_made_up(app, process):
    done = run(START[process])

    assert done.returncode == 1
    title, *lines = done.stderr.splitlines()
    assert title == "Production does not start like this:"
    assert [line.split()[0] for line in lines] == [
        "DATABASE_URL", "MIGRATION_DATABASE_URL", "STOCK_REDIS_URL", "QUEUE_REDIS_URL",
    ]  # fmt: skip
    assert all("names a server that `make run` started" in line for line in lines)
    assert MARK not in done.stderr


@pytest.fixture
def renamed(server_urls, session):
    """The test's servers by passwords of their own: what is left to find is what they are."""
    owners = {"DATABASE_URL": "ora_app", "MIGRATION_DATABASE_URL": "ora_owner"}
    admin = server_urls.admin["DATABASE_URL"]
    urls = {}
    engine = db.make_engine(admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name, role in owners.items():
            urls[name] = server_urls[name].replace(password_of(server_urls[name]), "of-its-own")
            connection.execute(text(f"ALTER ROLE {role} PASSWORD 'of-its-own'"))
        for name in ("STOCK_REDIS_URL", "QUEUE_REDIS_URL"):
            urls[name] = server_urls[name].replace(password_of(server_urls[name]), "of-its-own")
            with Redis.from_url(server_urls.admin[name]) as owner:
                owner.execute_command("ACL", "SETUSER", urls[name][8:].split(":")[0], ">of-its-own")
        yield urls
        for name, role in owners.items():
            old = password_of(server_urls[name])
            connection.execute(text(f"ALTER ROLE {role} PASSWORD '{old}'"))
        for name in ("STOCK_REDIS_URL", "QUEUE_REDIS_URL"):
            with Redis.from_url(server_urls.admin[name]) as owner:
                owner.execute_command("ACL", "SETUSER", urls[name][8:].split(":")[0], "<of-its-own")
    engine.dispose()


def password_of(url):
    return url.rpartition("@")[0].rpartition(":")[2]


@pytest.mark.parametrize("process", START)
def test_no_process_starts_on_servers_that_are_not_safe(app, process, renamed):
    done = run(START[process], **renamed)

    assert done.returncode == 1, done.stderr
    lines = done.stderr[done.stderr.index("Production does not start") :].splitlines()[1:]
    assert [line.split()[0] for line in lines] == [
        "DATABASE_URL", "STOCK_REDIS_URL", "QUEUE_REDIS_URL",
    ]  # fmt: skip
    assert "of-its-own" not in done.stderr


def test_the_command_tells_settings_and_servers_at_once(app, renamed):
    done = run(
        ["-m", "flask", "--app", "wsgi", "check-production"], **renamed,
        RATE_LIMITS="off", STOREFRONT_URL="http://shop.example",
    )  # fmt: skip

    assert done.returncode == 1, done.stderr
    *lines, last = done.stdout.splitlines()
    assert last == f"{len(lines)} findings."
    assert [line.split()[0] for line in lines] == [
        "STOREFRONT_URL", "RATE_LIMITS", "DATABASE_URL", "STOCK_REDIS_URL", "QUEUE_REDIS_URL",
    ]  # fmt: skip


def test_the_command_says_that_this_is_not_production(app, monkeypatch):
    told = app.test_cli_runner().invoke(args=["check-production"])

    assert told.exit_code == 1
    assert told.output.startswith("APP_ENV is test: set it to production\n")
