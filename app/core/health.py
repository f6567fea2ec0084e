"""Health: whether the process lives, and whether what it stands on is there."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Response, jsonify
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core import db, jobs
from app.core.api import Blueprint
from app.core.redis_client import redis

blueprint = Blueprint("health", __name__, description="For load balancers")

MIGRATIONS = Path(__file__).parents[2] / "migrations"


@blueprint.get("/healthz")
@blueprint.response(200, description="The process lives")
def alive() -> Response:
    """Tell that the process lives; asks nobody else."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@blueprint.response(200, description="Ready to serve")
@blueprint.alt_response(503, description="A part is missing; the body names it")
def ready() -> Response:
    """Tell whether Postgres, both Redis servers and the migrations are as they have to be."""
    checks = {
        "postgres": _check(_postgres),
        "migrations": _check(_migrations),
        "stock_redis": _check(lambda: redis().ping()),
        "queue_redis": _check(lambda: jobs.connection().ping()),
    }
    is_ready = all(state == "ok" for state in checks.values())
    response = jsonify({"status": "ok" if is_ready else "unavailable", "checks": checks})
    response.status_code = 200 if is_ready else 503
    return response


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
        return MigrationContext.configure(connection).get_current_revision() == _head()


@cache
def _head() -> str | None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()
