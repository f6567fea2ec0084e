"""What of its servers production refuses: asked at the start, and by `flask check-production`."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError, ResponseError
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from app import rights
from app.config import MARK, ConfigurationError, Environment, Finding, Settings, refusal
from app.core import db, jobs, redis_client
from app.core.problems import ServiceUnavailable

log = structlog.get_logger(__name__)

# The first release of each series without the known holes in Lua (CVE-2024-31228, CVE-2025-49844,
# -46817, -46818), in streams and in unblocking (CVE-2026-23479, -25243, -23631). The latest of them
# are listed at https://github.com/docker-library/official-images/pull/21922 (Redis, July 2026) and
# https://github.com/valkey-io/valkey/releases (Valkey, 21 July 2026). A series that is missing here
# and is older than the newest one gets no fixes any more; newer ones were born with them.
FIXED: Mapping[str, tuple[tuple[int, int, int], ...]] = {
    "Redis": (
        (6, 2, 23), (7, 2, 15), (7, 4, 10), (8, 2, 8), (8, 4, 5), (8, 6, 5), (8, 8, 1),
    ),
    "Valkey": ((7, 2, 14), (8, 0, 10), (8, 1, 9), (9, 0, 5), (9, 1, 1)),
}  # fmt: skip
# No key of the shop's: who may read it may read everything.
FOREIGN_KEY = "no-key-of-the-shop"
_ACL_FILE = {"STOCK_REDIS_URL": "ops/redis/stock.acl", "QUEUE_REDIS_URL": "ops/redis/queue.acl"}

_ROLE = text("""
    SELECT current_user AS name, current_setting('cluster_name') AS cluster, rolsuper,
        rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS is_powerful,
        has_schema_privilege('public', 'CREATE') AS is_maker,
        current_setting('lock_timeout') = '0' OR current_setting('statement_timeout') = '0'
            AS is_unbounded,
        (SELECT pg_has_role(current_user, relowner, 'MEMBER') FROM pg_class
            WHERE oid = to_regclass('public.stock_movements')) AS is_owner
    FROM pg_roles WHERE rolname = current_user
""")
_NEVER_OF_A_RECORD = {"UPDATE", "DELETE", "TRUNCATE", "TRIGGER"}


def refuse_unsafe_servers(settings: Settings) -> None:
    """
    Refuse servers on which an attacker of the shop could do more than the shop; for processes.

    One that does not answer is not judged: a start in an outage is no reason for a longer one.

    Raises:
        ConfigurationError: telling everything that was found.
    """
    if settings.app_env is not Environment.PRODUCTION:
        return
    found = list(of_servers(settings))
    for finding in found:
        if not finding.is_certain:
            log.warning("production.not_checked", setting=finding.setting, why=finding.what)
    certain = [finding for finding in found if finding.is_certain]
    if certain:
        raise ConfigurationError(refusal(certain))


def of_servers(settings: Settings) -> Iterator[Finding]:
    """Tell what is unsafe about Postgres and both Redis servers."""
    yield from _of_postgres()
    vouched_for = settings.redis_patched_versions
    yield from _of_redis("STOCK_REDIS_URL", redis_client.redis, vouched_for)
    yield from _of_redis("QUEUE_REDIS_URL", jobs.connection, vouched_for)


def of_rights() -> Iterator[Finding]:
    """Tell where the app's role has other rights than the code declares; for who looks."""
    try:
        with db.engine().connect() as connection:
            role = str(connection.scalar(text("SELECT current_user")))
            present = rights.had(connection, role)
    except SQLAlchemyError:
        return
    tables = {table for table, _ in present} & rights.RIGHTS.keys()
    of_ours = {(table, right) for table, right in present if table in tables}
    remedy = "run `flask grant-rights` as the owner (MIGRATION_DATABASE_URL)"
    for table, right in sorted(of_ours - rights.declared()):
        yield Finding("DATABASE_URL", f"role {role} may {right} on {table}, and need not", remedy)
    for table, right in sorted(rights.declared() - present):
        yield Finding("DATABASE_URL", f"role {role} may not {right} on {table}", remedy)


def known_holes(product: str, version: str, vouched_for: tuple[str, ...] = ()) -> str | None:
    """Tell the first release that is good instead, where a version has known holes."""
    if version in vouched_for:
        return None
    number = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    fixed = FIXED[product]
    if number >= fixed[-1]:
        return None
    for good in fixed:
        if number[:2] == good[:2] and number >= good:
            return None
    same = [good for good in fixed if good[:2] == number[:2]] or [
        good for good in fixed if good > number
    ]
    return ".".join(map(str, same[0]))


def _of_postgres() -> Iterator[Finding]:
    try:
        with db.engine().connect() as connection:
            yield from _of_role(connection)
    except SQLAlchemyError as error:
        yield _unasked("DATABASE_URL", getattr(error, "orig", None) or error)


def _of_role(connection: Connection) -> Iterator[Finding]:
    role = connection.execute(_ROLE).one()
    remedy = f"connect as {rights.APP}, made by ops/postgres/roles.sql and `flask grant-rights`"
    if role.cluster == MARK:
        yield Finding(
            "DATABASE_URL", "is a Postgres that `make run` started", "name production's server"
        )
    faults = {
        "is a superuser": role.rolsuper,
        "may make roles or databases, or replicate": role.is_powerful and not role.rolsuper,
        "owns the ledger, so that it may alter and drop it": role.is_owner and not role.rolsuper,
        "may create tables and functions": role.is_maker and not role.rolsuper,
    }
    if role.is_unbounded:
        yield Finding(
            "DATABASE_URL", f"role {role.name} may wait without end", "run ops/postgres/roles.sql"
        )
    for fault, is_so in faults.items():
        if is_so:
            yield Finding("DATABASE_URL", f"role {role.name} {fault}", remedy)
    if not role.rolsuper and not role.is_owner:
        yield from _of_records(connection, role.name)


def _of_records(connection: Connection, role: str) -> Iterator[Finding]:
    for table, right in sorted(rights.had(connection, role)):
        if table in rights.RECORDS and right.partition(" ")[0] in _NEVER_OF_A_RECORD:
            yield Finding(
                "DATABASE_URL",
                f"role {role} may {right} on {table}, of which nothing is ever to change",
                "run `flask grant-rights` as the owner (MIGRATION_DATABASE_URL)",
            )


def _of_redis(setting: str, client: Any, vouched_for: tuple[str, ...]) -> Iterator[Finding]:
    try:
        found = [
            finding
            for server in each(client())
            for finding in _of_server(setting, server, vouched_for)
        ]
        # Of a cluster's masters the same is found.
        yield from dict.fromkeys(found)
    except (RedisError, ServiceUnavailable) as error:
        yield _unasked(setting, error)


def each(client: Any) -> Iterator[Redis]:
    """Give each server that answers by itself: all of a cluster's masters."""
    if isinstance(client, Redis):
        yield client
    else:
        for node in client.get_primaries():
            yield client.get_redis_connection(node)


def _of_server(setting: str, server: Redis, vouched_for: tuple[str, ...]) -> Iterator[Finding]:
    told: Any = server.info("server")
    is_valkey = "valkey_version" in told
    product = "Valkey" if is_valkey else "Redis"
    version = str(told["valkey_version" if is_valkey else "redis_version"])
    better = known_holes(product, version, vouched_for)
    if better is not None:
        yield Finding(
            setting,
            f"{product} {version} has known holes, by which a script may take the server over",
            f"update it to {better} or later; where its packager has mended {version}, name that in"
            " REDIS_PATCHED_VERSIONS",
        )
    remedy = f"connect as the user of {_ACL_FILE[setting]}"
    if _text(_try(server, "ACL", "WHOAMI")) == "default":
        yield Finding(setting, "is used as Redis' user default", remedy)
    if _try(server, "CONFIG", "GET", "maxmemory") is not None:
        yield Finding(
            setting, "its user may run CONFIG, and so do anything with the server", remedy
        )
    if _try(server, "GET", FOREIGN_KEY) is not None:
        yield Finding(setting, "its user may read keys that are none of the shop's", remedy)


def _try(server: Redis, *command: str) -> Any:
    """Run a command that changes nothing; None where it is refused, and only there."""
    try:
        answer = server.execute_command(*command)  # type: ignore[no-untyped-call]
    except ResponseError:
        return None
    return "nothing" if answer is None else answer


def _text(answer: Any) -> str:
    return answer.decode() if isinstance(answer, bytes) else str(answer)


def _unasked(setting: str, error: BaseException) -> Finding:
    first_line = str(error).strip().partition("\n")[0]
    return Finding(
        setting, f"could not be asked: {first_line}", "let it run, and look again", is_certain=False
    )
