"""
After a restore: python -m ops.reconcile --since SECOND; the restore does it by itself.

Redis is told anew from the restored books, stock and money are added up, and the gateways are asked
what went on after the second. What they have of our orders is taken as news, as if their webhooks
had just come; what they captured for orders that are lost is listed, and on request sent back.

The shop stands still meanwhile: neither web nor workers run. With --gateways-only it may run, for
Redis is left alone then. Done again, it changes nothing.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from alembic.script import ScriptDirectory
from redis.exceptions import NoPermissionError
from sqlalchemy import text

from app import connect, disconnect
from app.config import ConfigurationError, Settings, load_settings
from app.core import actors, jobs
from app.core.db import transaction
from app.core.india import INDIA
from app.core.problems import Problem
from app.core.redis_client import foreign_errors, redis
from app.inventory import reconciler, scripts, stock
from app.payments.gateway import all_gateways
from app.treasury import audit, reconciliation, unknown
from ops import report
from ops.errors import OpsError
from ops.moments import moment
from ops.report import Gateway, Report

ROOT = Path(__file__).resolve().parents[1]
PAGE = 200
# A gateway's clock may be ahead, and its lists leave out the second that has begun.
AHEAD = timedelta(minutes=5)


@dataclass(frozen=True)
class Wish:
    """What an operator allows."""

    empties_redis: bool = False
    refunds_unknown: bool = False
    gateways_only: bool = False

    @classmethod
    def of(cls, told: argparse.Namespace) -> "Wish":
        """Read it from the command line."""
        return cls(told.empty_redis, told.refund_unknown, getattr(told, "gateways_only", False))


def reconcile(since: datetime, wish: Wish) -> Report:
    """
    Put Redis and the gateways beside the books that the environment names.

    Raises:
        OpsError: it cannot be done yet, and what is to be done before.
    """
    settings = load_settings()
    connect(settings)
    try:
        with actors.acting("command:ops.reconcile", address=actors.here()):
            return _reconcile(settings, since, wish)
    finally:
        disconnect()


def _reconcile(settings: Settings, since: datetime, wish: Wish) -> Report:
    _refuse_other_tables()
    if not wish.gateways_only:
        _empty_redis(is_allowed=wish.empties_redis)
    found = Report(since)
    # First the money: a capture that is taken as news takes its units from the stock.
    found.gateways = [_ask(name, since, wish) for name in _online()]
    if not wish.gateways_only:
        found.products, found.drifts = _load_stock(settings)
    with transaction() as session:
        found.totals, found.findings = audit.totals(session), audit.findings(session)
        report.read(session, found)
    return found


def _refuse_other_tables() -> None:
    """Make sure that the restored tables are those of this code."""
    wanted = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    with transaction() as session:
        present = session.scalar(text("SELECT version_num FROM alembic_version"))
    if present != wanted:
        raise OpsError(
            f"The restored tables are of migration {present}, this code is of {wanted}: run "
            "`alembic upgrade head` on them, or take the code of that time; then "
            "`python -m ops.reconcile`."
        )


def refuse_full_redis() -> None:
    """
    Make sure that neither Redis knows anything, before long work is begun.

    Raises:
        OpsError: naming the one that does.
    """
    connect(load_settings())
    try:
        _empty_redis(is_allowed=False)
    finally:
        disconnect()


def _empty_redis(*, is_allowed: bool) -> None:
    """Forget all stock and queues: both know what happened after the second, and the books not."""
    servers = {"STOCK_REDIS_URL": redis(), "QUEUE_REDIS_URL": jobs.connection()}
    for name, connection in servers.items():
        with foreign_errors():
            try:
                is_full = bool(connection.dbsize())
                if is_full and is_allowed:
                    connection.flushdb()
            except NoPermissionError:
                raise OpsError(
                    f"{name} is of a user who may not empty a server: name ora_admin there, for "
                    "this command alone."
                ) from None
        if is_full and not is_allowed:
            raise OpsError(
                f"{name} is not empty: it knows of what the restored books do not. Name an "
                "empty server, or let it be emptied with --empty-redis."
            )


def _load_stock(settings: Settings) -> tuple[int, dict[str, list[str]]]:
    """Tell Redis of every product, then compare both; nobody sells meanwhile."""
    longest_ms = settings.longest_reservation_seconds * 1000
    count, drifts = 0, dict[str, list[str]]()
    for skus in _pages():
        stock.knowing(redis(), partial(scripts.levels, redis(), skus))
        with transaction() as session:
            drifts |= reconciler.suspicions(session, redis(), skus, longest_ms=longest_ms)
        count += len(skus)
    return count, drifts


def _pages() -> Iterator[Sequence[str]]:
    after = ""
    while True:
        with transaction() as session:
            skus = stock.page(session, is_low=False, limit=PAGE, after=after)
        if not skus:
            return
        yield skus
        after = skus[-1]


def _online() -> list[str]:
    return [one.name for one in all_gateways() if not one.pays_on_delivery]


def _ask(name: str, since: datetime, wish: Wish) -> Gateway:
    """Take what a gateway did since then; a silent one is told of, and asked again later."""
    found = Gateway(name)
    try:
        for day in _days(since):
            compared = reconciliation.reconcile_day(name, day)
            found.differences += compared.differences
        until = datetime.now(UTC) + AHEAD
        found.unknown = list(unknown.unknown_captures(name, since, until))
        for capture in found.unknown if wish.refunds_unknown else ():
            unknown.send_back(name, capture)
            found.sent_back.append(capture.gateway_payment_id)
    except Problem as problem:
        found.trouble = problem.detail or str(problem)
    return found


def _days(since: datetime) -> Iterator[date]:
    day = since.astimezone(INDIA).date()
    while day <= datetime.now(INDIA).date():
        yield day
        day += timedelta(days=1)


def options(parser: argparse.ArgumentParser) -> None:
    """Add what this command and the restore, which ends with it, have in common."""
    parser.add_argument(
        "--empty-redis", action="store_true", help="empty both Redis servers if they are not"
    )
    parser.add_argument(
        "--refund-unknown", action="store_true",
        help="send back what was captured for orders that are lost; not on a shared account",
    )  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Reconcile and print the report; 1 where somebody has to look, 2 where it was not done."""
    parser = argparse.ArgumentParser(
        prog="python -m ops.reconcile", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--since", type=moment, required=True, help="2026-11-30T12:00:00+05:30")
    parser.add_argument("--gateways-only", action="store_true", help="leave Redis alone")
    options(parser)
    told = parser.parse_args(arguments)
    try:
        found = reconcile(told.since, Wish.of(told))
    except (OpsError, ConfigurationError, Problem) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(report.lines(found)))
    return 0 if found.is_well else 1


if __name__ == "__main__":
    sys.exit(main())
