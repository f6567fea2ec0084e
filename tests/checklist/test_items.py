"""Each item of the deployment checklist: it is ok where it is so, and fails where it is not."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rq import Worker
from sqlalchemy import text

from app import create_app
from app.config import Finding, Settings
from app.core import clock, jobs
from app.core.db import transaction
from app.payments.razorpay import Razorpay
from ops import checklist, looks
from ops.checklist import ITEMS, check
from ops.looks import RULES, Surroundings
from tests import owners
from tests.rights.test_production import OWN
from tests.serving import serving
from workers.schedule import SCHEDULE


@pytest.fixture
def about(app, settings):
    """The shop, served over HTTP."""
    with serving(app) as url:
        yield Surroundings(settings, url=url, pause=lambda: None)


@pytest.fixture
def seen(about):
    """How an item stands, as the shop is or with something else around it."""

    def look(name, **changed):
        item = next(item for item in ITEMS if item.name == name)
        [verdict] = check(replace(about, **changed), [item])
        return verdict.word, verdict.said

    return look


@pytest.fixture
def as_owner():
    """Run statements as the owner, and undo them by others."""
    undone = []

    def run(statement, undo=None):
        undone.extend([undo] * (undo is not None))
        with owners.engine().begin() as connection:
            connection.execute(text(statement))

    yield run
    with owners.engine().begin() as connection:
        for statement in undone:
            connection.execute(text(statement))


def of_production(**changed):
    own = {name.lower(): value for name, value in OWN.items() if value}
    urls = {
        "database_url": "postgresql+psycopg://ora_app:its-own@db/ora",
        "stock_redis_url": "rediss://ora_stock:its-own@redis/0",
        "queue_redis_url": "rediss://ora_queue:its-own@redis/1",
    }
    # What the test's environment says is not asked.
    unsaid = dict.fromkeys(name.lower() for name, value in OWN.items() if not value)
    unsaid |= {"migration_database_url": None, "metrics_token": None}
    unsaid["stripe_api_url"] = "https://api.stripe.com"
    return Settings(_env_file=None, **own | urls | unsaid | changed)


def test_settings_have_to_be_those_of_production(seen):
    assert seen("settings") == ("FAILED", "APP_ENV is test")
    assert seen("settings", settings=of_production()) == ("ok", "none is development's")
    guessed = of_production(rate_limits="off")
    assert seen("settings", settings=guessed)[1].startswith("RATE_LIMITS is off")


@pytest.mark.parametrize(("is_certain", "word"), [(True, "FAILED"), (False, "cannot tell")])
def test_servers_are_judged_as_at_the_start(seen, monkeypatch, is_certain, word):
    def find(_):
        yield from [Finding("DATABASE_URL", "is odd", "mend it", is_certain=is_certain)] * is_odd

    monkeypatch.setattr("app.production.of_servers", find)

    is_odd = True
    assert seen("servers") == (word, "DATABASE_URL is odd")
    is_odd = False
    assert seen("servers")[0] == "ok"


def test_a_right_too_many_is_found(seen, as_owner):
    assert seen("rights") == ("ok", "as declared")

    as_owner("GRANT DELETE ON audit_log TO ora_app", "REVOKE DELETE ON audit_log FROM ora_app")

    assert seen("rights") == (
        "FAILED", "DATABASE_URL role ora_app may DELETE on audit_log, and need not",
    )  # fmt: skip


def test_tables_of_an_older_migration_are_found_and_the_web_is_not_ready(seen, as_owner):
    word, said = seen("migrations")
    assert word == "ok"
    assert seen("web")[0] == "ok"
    head = said.removeprefix("at ")

    as_owner(
        "UPDATE alembic_version SET version_num = '0001'",
        f"UPDATE alembic_version SET version_num = '{head}'",
    )

    assert seen("migrations") == ("FAILED", f"the tables are of 0001, the code of {head}")
    assert seen("web")[0] == "FAILED"


def test_a_postgres_that_confirms_before_it_writes_is_found(seen, monkeypatch):
    # The tests' own server is such a one.
    assert seen("postgres")[0] == "FAILED"

    monkeypatch.setattr(looks, "_scalar", lambda _: "on")
    assert seen("postgres")[0] == "ok"


def test_a_redis_that_throws_keys_away_is_found(seen, redis):
    assert seen("redis") == ("FAILED", "stock: appendonly is no")
    redis.execute_command("CONFIG SET", "appendonly", "yes")
    try:
        assert seen("redis")[0] == "ok"
        redis.execute_command("CONFIG SET", "maxmemory-policy", "allkeys-lru")
        assert "stock: maxmemory-policy is allkeys-lru" in seen("redis")[1]
    finally:
        redis.execute_command("CONFIG SET", "maxmemory-policy", "noeviction")
        redis.execute_command("CONFIG SET", "appendonly", "no")


def test_a_shop_that_nobody_serves_is_found(seen):
    word, said = seen("web", url="http://127.0.0.1:1")

    assert (word, said.partition(":")[0]) == ("FAILED", "no answer")


def test_tries_to_sign_in_have_to_be_counted(seen, app, settings):
    assert seen("rate-limits") == ("FAILED", "a try to sign in (401) is not counted")

    try:
        with serving(create_app(settings.model_copy(update={"rate_limits": "on"}))) as url:
            assert seen("rate-limits", url=url)[0] == "ok"
    finally:
        create_app(settings)


def test_a_gateway_that_does_not_answer_is_found(seen, monkeypatch):
    assert seen("gateways")[0] == "ok"

    gone = Razorpay(
        key_id="rzp_live_of_nobody", key_secret="of nobody", base_url="http://127.0.0.1:1"
    )
    monkeypatch.setattr(looks, "all_gateways", lambda: [gone])

    word, said = seen("gateways")
    assert (word, said.partition(":")[0]) == ("FAILED", "razorpay")


def test_an_event_has_to_be_taken_and_worked(seen, shop, monkeypatch):
    assert seen("webhook", pause=shop.work)[0] == "ok"

    monkeypatch.setattr(looks, "WORKED_WITHIN", timedelta(0))
    assert seen("webhook") == ("FAILED", "after 0 s it is still received")


def test_an_event_that_is_signed_by_another_secret_is_found(seen, settings):
    other = settings.model_copy(
        update={"razorpay_webhook_secret": of_production().razorpay_webhook_secret}
    )

    assert seen("webhook", settings=other) == ("FAILED", "it was answered 400")


def test_the_gateway_itself_has_to_be_heard(seen, shop, as_owner):
    assert seen("webhook-heard") == ("cannot tell", "Razorpay has told nothing yet")
    seen("webhook", pause=shop.work)
    assert seen("webhook-heard")[0] == "cannot tell"

    shop.product("ring", 3)
    buyer = shop.customer()
    shop.capture(buyer.open_payment(buyer.check_out(RING=1).json["id"]))
    assert seen("webhook-heard")[0] == "ok"

    as_owner("UPDATE webhook_events SET received_at = received_at - interval '2 days'")
    assert seen("webhook-heard")[0] == "FAILED"


def test_a_clock_that_stands_still_is_found(seen):
    assert seen("schedules") == ("FAILED", "the clock never ran")

    with transaction() as session:
        clock.register(session, SCHEDULE, now=datetime.now(UTC))
    assert seen("schedules") == ("ok", f"{len(SCHEDULE)} jobs, none late")

    with transaction() as session:
        session.execute(text("UPDATE clock_jobs SET next_due_at = next_due_at - interval '1 day'"))
    assert seen("schedules")[1].startswith("late: cleanup.")


def test_a_queue_that_nobody_works_is_found(seen):
    everything = "webhooks, payments, stock, announcements, mail, hooks"
    assert seen("workers") == ("FAILED", f"nobody works {everything}")
    workers = {
        queue: Worker([jobs.rq_queue(queue)], connection=jobs.connection(), name=f"of-{queue}")
        for queue in jobs.QUEUES
    }
    for worker in workers.values():
        worker.register_birth()
    assert seen("workers")[0] == "ok"

    long_ago = (datetime.now(UTC) - timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    jobs.connection().hset(workers["mail"].key, "last_heartbeat", long_ago)
    assert seen("workers") == ("FAILED", "nobody works mail")


def test_numbers_are_for_who_has_the_token_alone(seen, app, monkeypatch):
    assert seen("monitoring")[1].startswith("METRICS_TOKEN is not set")
    registry, _ = app.extensions["ora_metrics"]
    with_token = of_production(metrics_token="the token of Prometheus")

    assert seen("monitoring", settings=with_token) == ("FAILED", "it answers without a token")
    for token, word in (("the token of Prometheus", "ok"), ("a token of yesterday", "FAILED")):
        monkeypatch.setitem(app.extensions, "ora_metrics", (registry, token))
        assert seen("monitoring", settings=with_token)[0] == word


def test_every_rule_has_to_be_loaded(seen):
    wanted = [line.split()[-1] for line in RULES.read_text().splitlines() if "- alert:" in line]
    assert seen("alerts") == ("cannot tell", "name Prometheus with --prometheus")

    with serving(prometheus(wanted)) as url:
        assert seen("alerts", prometheus=url) == ("ok", f"{len(wanted)} rules")
    with serving(prometheus(wanted[1:])) as url:
        assert seen("alerts", prometheus=url) == (
            "FAILED", f"1 of {len(wanted)} are missing: {wanted[0]}",
        )  # fmt: skip


def prometheus(names):
    """Something that answers as Prometheus does."""

    def answer(environ, start):
        assert environ["PATH_INFO"] == "/api/v1/rules"
        start("200 OK", [("Content-Type", "application/json")])
        rules = [{"name": name, "type": "alerting"} for name in names]
        return [json.dumps({"data": {"groups": [{"rules": rules}]}}).encode()]

    return answer


def test_a_shop_without_backups_is_found(seen, tmp_path):
    assert seen("archive") == ("FAILED", "there is no replication slot ora_archive")
    assert seen("backups") == ("cannot tell", "name the store with --store or BACKUP_STORE")
    assert seen("backups", store=tmp_path) == ("FAILED", f"there is no base backup in {tmp_path}")


def test_the_command_tells_how_to_mend_it_and_fails(app, capsys):
    others = [item.name for item in ITEMS if item.name not in ("migrations", "schedules")]
    told = checklist.main(["--without", *others])
    create_app()

    *lines, last = capsys.readouterr().out.splitlines()
    assert told == 1
    assert lines[0].startswith("ok          migrations")
    assert lines[1:] == [
        "FAILED      schedules      the clock never ran",
        "                           -> start `scheduler`, one is enough",
    ]
    assert last.startswith("1 open; left out: settings, ")


def test_the_command_ends_with_0_where_every_item_is_ok(app, capsys):
    others = [item.name for item in ITEMS if item.name not in ("migrations", "rights")]
    told = checklist.main(["--without", *others])
    create_app()

    assert told == 0, capsys.readouterr().out
