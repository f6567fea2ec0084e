"""Health: whether the process lives, and whether what it stands on is there."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Response, jsonify
from marshmallow import fields, validate
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core import clock, db, draining, jobs
from app.core.api import Blueprint
from app.core.db import transaction
from app.core.fields import Answer, Instant
from app.core.redis_client import redis

blueprint = Blueprint("health", __name__, description="For load balancers")

MIGRATIONS = Path(__file__).parents[2] / "migrations"


class HandSchema(Answer):
    """Where one job of the clock stands."""

    name = fields.String(metadata={"example": "expiry.expire_orders"})
    rule = fields.String(attribute="job.rule", metadata={"example": "every 10 seconds"})
    is_needed = fields.Boolean(
        attribute="job.is_needed", metadata={"description": "whether the shop is unwell without it"}
    )
    last_run_at = Instant(attribute="run.started_at", dump_default=None, allow_none=True)
    took_ms = fields.Integer(allow_none=True)
    outcome = fields.String(allow_none=True, validate=validate.OneOf(["running", "done", "failed"]))
    next_due_at = Instant(attribute="job.next_due_at")
    is_late = fields.Boolean()


class ClockSchema(Answer):
    """Where the clock stands."""

    status = fields.String(validate=validate.OneOf(["ok", "late"]))
    jobs = fields.List(fields.Nested(HandSchema))


@blueprint.get("/healthz")
@blueprint.response(200, description="The process lives")
def alive() -> Response:
    """Tell that the process lives; asks nobody else."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@blueprint.response(200, description="Ready to serve")
@blueprint.alt_response(503, description="A part is missing, which the body names, or it will end")
def ready() -> Response:
    """
    Tell whether Postgres, both Redis servers and the migrations are as they have to be.

    Migrations that are newer than this process are: it is replaced after them.
    """
    checks = {
        "postgres": _check(_postgres),
        "migrations": _check(_migrations),
        "stock_redis": _check(lambda: redis().ping()),
        "queue_redis": _check(lambda: jobs.connection().ping()),
    }
    status = "ok" if all(state == "ok" for state in checks.values()) else "unavailable"
    if draining.is_near_its_end():
        status = "draining"
    response = jsonify({"status": status, "checks": checks})
    response.status_code = 200 if status == "ok" else 503
    return response


@blueprint.get("/healthz/cron")
@blueprint.response(200, ClockSchema, description="Every job that the shop needs runs on time")
@blueprint.alt_response(503, schema=ClockSchema, description="One is late, or the clock never ran")
def show_clock() -> tuple[dict[str, Any], int]:
    """Tell of each job of the clock when it ran, what came of it, and when it is due."""
    with transaction() as session:
        hands = clock.hands(session, now=datetime.now(UTC))
    if clock.is_late(hands):
        return {"status": "late", "jobs": hands}, 503
    return {"status": "ok", "jobs": hands}, 200


def _check(look: Callable[[], object]) -> str:
    try:
        return "ok" if look() else "behind"
    except (RedisError, SQLAlchemyError):
        return "unreachable"


def _postgres() -> bool:
    with db.engine().connect() as connection:
        return bool(connection.scalar(text("SELECT 1")))


def _migrations() -> bool:
    with db.engine().connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() not in _outdated()


@cache
def _outdated() -> frozenset[str | None]:
    """List all revisions before this code's own, and none at all: what is unknown came after it."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config).walk_revisions()
    _, *before = (script.revision for script in scripts)
    return frozenset({None, *before})
