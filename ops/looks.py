"""
What a checklist looks at: each function is one item, and says what it saw.

A look changes nothing, but for one: an event of no meaning goes through the shop's own door.
"""

import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from alembic.script import ScriptDirectory
from redis import Redis
from rq import Worker
from sqlalchemy import func, select, text

from app import production
from app.config import Environment, Finding, Settings, plain, unsafe
from app.core import clock, db, jobs, redis_client
from app.core.db import transaction
from app.payments.gateway import all_gateways, offered
from app.payments.models import Payment
from app.webhooks.models import WebhookEvent
from ops.errors import OpsError
from ops.store import Store

ROOT = Path(__file__).resolve().parents[1]
RULES = ROOT / "ops" / "prometheus" / "alerts.yml"
TIMEOUT_SECONDS = 10
# No gateway tells such a thing: it is stored, worked and ignored.
TEST_EVENT = "ora.checklist"
WORKED_WITHIN = timedelta(seconds=30)
# A payment that was opened is told of by then, paid or given up; or nobody tells anything.
HEARD_WITHIN = timedelta(days=1)
# A worker says every half minute that it lives.
LIVES_WITHIN = timedelta(minutes=2)
# One a day, and the time that it takes.
BASE_WITHIN = timedelta(hours=26)
# The clock writes every few seconds.
LOG_WITHIN = timedelta(minutes=5)
SLOT = "ora_archive"


class Failed(Exception):  # noqa: N818 - a verdict, not an accident
    """It is not as it has to be, and what was seen instead."""


class Unknown(Exception):  # noqa: N818 - a verdict, not an accident
    """It could not be told, and why."""


@dataclass(frozen=True)
class Surroundings:
    """The shop that is looked at, and what is around it."""

    settings: Settings
    url: str
    prometheus: str | None = None
    store: Path | None = None
    # What is done between two looks at something that takes its time.
    pause: Callable[[], Any] = lambda: time.sleep(0.5)


def look_at_settings(about: Surroundings) -> str:
    """See that `APP_ENV` is production, and every secret and address the shop's own."""
    if about.settings.app_env is not Environment.PRODUCTION:
        raise Failed(f"APP_ENV is {about.settings.app_env}")
    _none_of(unsafe(about.settings, os.environ))
    return "none is development's"


def look_at_servers(about: Surroundings) -> str:
    """See that roles and users are the shop's own, and no version of Redis has known holes."""
    _none_of(production.of_servers(about.settings))
    return "roles, users and versions are as they have to be"


def look_at_rights(_: Surroundings) -> str:
    """See that the app's role may do what `app/rights.py` declares, and nothing else."""
    _none_of(production.of_rights())
    return "as declared"


def look_at_migrations(_: Surroundings) -> str:
    """See that the tables are those of this code's last migration."""
    wanted = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    present = _scalar("SELECT version_num FROM alembic_version")
    if present != wanted:
        raise Failed(f"the tables are of {present}, the code of {wanted}")
    return f"at {present}"


def look_at_postgres(_: Surroundings) -> str:
    """See that a commit is on disk when it is confirmed (`synchronous_commit`, `fsync`)."""
    names = "synchronous_commit", "fsync", "full_page_writes"
    told = {name: str(_scalar(f"SELECT current_setting('{name}')")) for name in names}
    # `local` waits for the server's own disk; only `off` waits for nothing.
    off = [f"{name} is off" for name, value in told.items() if value == "off"]
    if off:
        raise Failed(", ".join(off))
    return ", ".join(f"{name} {value}" for name, value in told.items())


def look_at_redis(_: Surroundings) -> str:
    """See that neither Redis throws keys away, and that stock's writes its append-only file."""
    wrong = []
    for name, client in (("stock", redis_client.redis()), ("queue", jobs.connection())):
        for server in production.each(client):
            wrong += [f"{name}: {what}" for what in _of_redis(server, is_stock=name == "stock")]
    if wrong:
        raise Failed(", ".join(dict.fromkeys(wrong)))
    return "noeviction, append-only file on"


def look_at_web(about: Surroundings) -> str:
    """See that `/readyz` answers 200 at the shop's public address."""
    answer = _get(f"{about.url}/readyz")
    if answer.status_code != requests.codes.ok:
        raise Failed(
            f"{about.url}/readyz answers {answer.status_code}: {answer.text[:200].strip()}"
        )
    return f"{about.url} is ready"


def look_at_limits(about: Surroundings) -> str:
    """See that who signs in is counted: the answer to a try says how many are left."""
    stranger = {"email": f"nobody-{uuid4().hex}@checklist.invalid", "password": "not a password"}
    answer = _post(f"{about.url}/api/v1/auth/login", json.dumps(stranger).encode())
    if "RateLimit-Limit" not in answer.headers:
        raise Failed(f"a try to sign in ({answer.status_code}) is not counted")
    return f"{answer.headers['RateLimit-Limit']} tries, then 429"


def look_at_gateways(about: Surroundings) -> str:
    """See that each gateway that buyers may choose answers to the shop's keys."""
    asked = []
    now = datetime.now(UTC)
    for gateway in all_gateways():
        if gateway.name not in offered():
            continue
        try:
            next(iter(gateway.attempts_between(now - timedelta(minutes=1), now)), None)
        except Exception as error:
            raise Failed(f"{gateway.name}: {type(error).__name__}: {error}") from error
        asked.append(gateway.name)
    return f"{', '.join(asked)}, of {', '.join(about.settings.payment_gateways)}"


def look_at_webhook(about: Surroundings) -> str:
    """See that an event signed with the webhook's secret is answered 200 and worked by a worker."""
    event_id = f"ora-checklist-{uuid4().hex}"
    body = json.dumps({"event": TEST_EVENT, "entity": "event", "contains": [], "payload": {}})
    secret = about.settings.razorpay_webhook_secrets[0]
    signature = hmac.digest(secret.encode(), body.encode(), hashlib.sha256).hex()
    headers = {"X-Razorpay-Signature": signature, "X-Razorpay-Event-Id": event_id}
    answer = _post(f"{about.url}/webhooks/razorpay", body.encode(), **headers)
    if answer.status_code != requests.codes.ok:
        raise Failed(f"it was answered {answer.status_code}")
    since = time.monotonic()
    while (status := _status_of(event_id)) != "ignored":
        if status is None:
            raise Failed(f"{about.url} stored it in another database than DATABASE_URL")
        if time.monotonic() - since > WORKED_WITHIN.total_seconds():
            raise Failed(f"after {WORKED_WITHIN.total_seconds():.0f} s it is still {status}")
        about.pause()
    return f"stored, and worked within {time.monotonic() - since:.1f} s"


def look_at_heard(_: Surroundings) -> str:
    """See that the gateway tells the shop: its events are as new as its payments."""
    with transaction() as session:
        heard = session.scalar(
            select(func.max(WebhookEvent.received_at)).where(
                WebhookEvent.gateway == "razorpay", WebhookEvent.event != TEST_EVENT
            )
        )
        opened = session.scalar(
            select(func.max(Payment.created_at)).where(Payment.gateway == "razorpay")
        )
    if heard is None:
        raise Unknown("Razorpay has told nothing yet")
    if opened is not None and heard < opened - HEARD_WITHIN:
        raise Failed(f"the last event is of {heard:%d %b %H:%M}, payments are newer")
    return f"the last event is of {heard:%d %b %H:%M} UTC"


def look_at_schedules(_: Surroundings) -> str:
    """See that every job of the clock has begun when it was due."""
    with transaction() as session:
        hands = clock.hands(session, now=datetime.now(UTC))
    if not hands:
        raise Failed("the clock never ran")
    late = [f"{hand.name} by {hand.late_seconds} s" for hand in hands if hand.is_late]
    if late:
        raise Failed(f"late: {', '.join(late)}")
    return f"{len(hands)} jobs, none late"


def look_at_workers(_: Surroundings) -> str:
    """See that each queue has a worker that lives."""
    served: dict[str, int] = dict.fromkeys(jobs.QUEUES, 0)
    now = datetime.now(UTC)
    for worker in Worker.all(connection=jobs.connection()):
        beat = worker.last_heartbeat
        lives = beat is not None and now - beat.replace(tzinfo=UTC) < LIVES_WITHIN
        for queue in worker.queue_names() if lives else ():
            served[queue] = served.get(queue, 0) + 1
    without = [queue for queue, number in served.items() if not number]
    if without:
        raise Failed(f"nobody works {', '.join(without)}")
    return ", ".join(f"{queue} {number}" for queue, number in served.items())


def look_at_monitoring(about: Surroundings) -> str:
    """See that `/metrics` answers who has `METRICS_TOKEN` alone, and all is up."""
    token = plain(about.settings.metrics_token)
    if token is None:
        raise Failed("METRICS_TOKEN is not set, so that anybody may read /metrics")
    if _get(f"{about.url}/metrics").status_code == requests.codes.ok:
        raise Failed("it answers without a token")
    answer = _get(f"{about.url}/metrics", Authorization=f"Bearer {token}")
    if answer.status_code != requests.codes.ok:
        raise Failed(f"it answers {answer.status_code} to METRICS_TOKEN")
    found = dict(
        re.findall(r'^ora_dependency_up\{dependency="(\w+)"\} (\S+)', answer.text, re.MULTILINE)
    )
    down = [name for name, value in found.items() if float(value) != 1]
    if down or not found:
        raise Failed(f"down: {', '.join(down)}" if found else "it tells of no dependency")
    return f"up: {', '.join(found)}"


def look_at_alerts(about: Surroundings) -> str:
    """See that prometheus has every rule of `ops/prometheus/alerts.yml`."""
    if about.prometheus is None:
        raise Unknown("name Prometheus with --prometheus")
    answer = _get(f"{about.prometheus}/api/v1/rules")
    if answer.status_code != requests.codes.ok:
        raise Unknown(f"Prometheus answers {answer.status_code}")
    groups = answer.json()["data"]["groups"]
    loaded = {rule["name"] for group in groups for rule in group["rules"]}
    wanted = re.findall(r"^ *- alert: (\w+)$", RULES.read_text(), re.MULTILINE)
    missing = [name for name in wanted if name not in loaded]
    if missing:
        raise Failed(f"{len(missing)} of {len(wanted)} are missing: {', '.join(missing)}")
    return f"{len(wanted)} rules"


def look_at_backups(about: Surroundings) -> str:
    """See that the last base backup is of the last day, and its log goes on until now."""
    if about.store is None:
        raise Unknown("name the store with --store or BACKUP_STORE")
    store = Store(about.store)
    bases = store.bases()
    if not bases:
        raise Failed(f"there is no base backup in {about.store}")
    now = datetime.now(UTC)
    if now - bases[-1].at > BASE_WITHIN:
        raise Failed(f"the last one is of {bases[-1].at:%d %b %H:%M} UTC")
    chain = store.chain(bases[-1])
    if chain.missing is not None:
        raise Failed(f"segment {chain.missing} of its log is missing")
    written = datetime.fromtimestamp(chain.segments[-1].path.stat().st_mtime, UTC)
    if now - written > LOG_WITHIN:
        raise Failed(f"nothing came after {written:%d %b %H:%M} UTC")
    return f"the last one is of {bases[-1].at:%d %b %H:%M} UTC, and the log goes on"


def look_at_archive(_: Surroundings) -> str:
    """See that postgres hands its log to `ops.backup archive`, and keeps what has not arrived."""
    with db.engine().connect() as connection:
        slot = connection.execute(
            text("SELECT active, wal_status FROM pg_replication_slots WHERE slot_name = :slot"),
            {"slot": SLOT},
        ).one_or_none()
    if slot is None:
        raise Failed(f"there is no replication slot {SLOT}")
    if not slot.active or slot.wal_status not in ("reserved", "extended"):
        raise Failed(
            f"slot {SLOT} is {'' if slot.active else 'not '}used, its log {slot.wal_status}"
        )
    return f"slot {SLOT} is used"


def _status_of(event_id: str) -> str | None:
    with transaction() as session:
        event = session.get(WebhookEvent, event_id)
        return None if event is None else event.status


def _none_of(findings: Iterable[Finding]) -> None:
    """Fail for what is certain; what could not be found out is not known."""
    found = list(findings)
    certain = [f"{one.setting} {one.what}" for one in found if one.is_certain]
    if certain:
        raise Failed("; ".join(certain))
    if found:
        raise Unknown("; ".join(f"{one.setting} {one.what}" for one in found))


def _of_redis(server: Redis, *, is_stock: bool) -> Iterator[str]:
    told: Any = server.info()
    if told["maxmemory_policy"] != "noeviction":
        yield f"maxmemory-policy is {told['maxmemory_policy']}"
    if is_stock and not told["aof_enabled"]:
        yield "appendonly is no"


def _scalar(statement: str) -> Any:
    with db.engine().connect() as connection:
        return connection.scalar(text(statement))


def _get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)


def _post(url: str, body: bytes, **headers: str) -> requests.Response:
    headers |= {"Content-Type": "application/json"}
    return requests.post(
        url, data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
    )


# What a look may meet, and what it then knows: nothing.
BROKEN = (requests.RequestException, OSError, OpsError)
