"""
The deployment checklist: python -m ops.checklist --url https://shop.example, on a host of the shop.

Looks at the running system item by item and says of each: ok, FAILED, or cannot tell, and how to
mend it. Ends with 0 where every item is ok. One that a shop does without is left out by its name:
--without backups.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app import connect, disconnect
from app.config import ConfigurationError, load_settings
from app.core.problems import Problem
from ops import looks
from ops.looks import Failed, Surroundings, Unknown


@dataclass(frozen=True)
class Item:
    """One thing that has to be so, how it is looked at, and how it is mended."""

    name: str
    look: Callable[[Surroundings], str]
    remedy: str

    @property
    def what(self) -> str:
        """What has to be so, in words."""
        told = " ".join((self.look.__doc__ or "").split())
        told = told.removeprefix("See that ").removesuffix(".")
        return told[0].upper() + told[1:]


_ITEMS: Mapping[str, tuple[Callable[[Surroundings], str], str]] = {
    "settings": (looks.look_at_settings,
                 "set what is named; `flask check-production` tells how"),
    "servers": (looks.look_at_servers, "`flask check-production` tells how, one by one"),
    "rights": (looks.look_at_rights, "`flask grant-rights` as the owner"),
    "migrations": (looks.look_at_migrations, "`alembic upgrade head` as the owner, then rights"),
    "postgres": (looks.look_at_postgres, "set them on, and not off for the app's role"),
    "redis": (looks.look_at_redis, "`maxmemory-policy noeviction`, `appendonly yes`"),
    "web": (looks.look_at_web, "the body of `/readyz` names what is missing; then the proxy"),
    "rate-limits": (looks.look_at_limits,
                    "leave `RATE_LIMITS` out, and let `TRUSTED_PROXIES` count the proxies"),
    "gateways": (looks.look_at_gateways, "compare the keys with those of the gateway's dashboard"),
    "webhook": (looks.look_at_webhook,
                "400: the secret; 404 or 405: the proxy; stored and not worked: the workers"),
    "webhook-heard": (looks.look_at_heard,
                      "in Razorpay's dashboard: `/webhooks/razorpay`, active, with all its events"),
    "schedules": (looks.look_at_schedules, "start `scheduler`, one is enough"),
    "workers": (looks.look_at_workers,
                "start the worker of that queue by its line of the Procfile"),
    "monitoring": (looks.look_at_monitoring, "set `METRICS_TOKEN`, in Prometheus too"),
    "alerts": (looks.look_at_alerts,
               "name `ops/prometheus/alerts.yml` under `rule_files`, and reload"),
    "backups": (looks.look_at_backups, "`python -m ops.backup base`, each day"),
    "archive": (looks.look_at_archive, "let `python -m ops.backup archive` always run"),
}  # fmt: skip
ITEMS = tuple(Item(name, look, remedy) for name, (look, remedy) in _ITEMS.items())
_BROKEN = (*looks.BROKEN, Problem, RedisError, SQLAlchemyError)


@dataclass(frozen=True)
class Verdict:
    """How an item stands."""

    item: Item
    word: str
    said: str

    @property
    def is_ok(self) -> bool:
        """Whether nothing is to be done."""
        return self.word == "ok"

    def __str__(self) -> str:
        """Say it, with how to mend it."""
        line = f"{self.word:<12}{self.item.name:<15}{self.said}"
        return line if self.is_ok else f"{line}\n{'':<27}-> {self.item.remedy}"


def check(about: Surroundings, items: Sequence[Item] = ITEMS) -> Iterator[Verdict]:
    """Look at each item; one that cannot be looked at does not stop the others."""
    for item in items:
        try:
            yield Verdict(item, "ok", item.look(about))
        except Failed as failed:
            yield Verdict(item, "FAILED", str(failed))
        except Unknown as unknown:
            yield Verdict(item, "cannot tell", str(unknown))
        except _BROKEN as error:
            first = (str(error).strip() or type(error).__name__).partition("\n")[0]
            yield Verdict(item, "FAILED", f"no answer: {first}")


def table() -> str:
    """Write the items as a table, for the page of the checklist."""
    rows = [f"| `{item.name}` | {item.what} | {item.remedy} |" for item in ITEMS]
    return "\n".join(["| item | what is so | if it is not |", "| --- | --- | --- |", *rows])


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 where every item is ok."""
    names = [item.name for item in ITEMS]
    parser = argparse.ArgumentParser(
        prog="python -m ops.checklist", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    here = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
    parser.add_argument("--url", default=here, help="where buyers find the shop; %(default)s")
    parser.add_argument("--prometheus", metavar="URL", help="where Prometheus is")
    parser.add_argument(
        "--store", type=Path, default=os.environ.get("BACKUP_STORE"), help="the folder of backups"
    )
    parser.add_argument("--without", nargs="*", choices=names, default=[], metavar="ITEM")
    asked = parser.parse_args(arguments)
    try:
        settings = load_settings(refuses_unsafe=False)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return 1
    connect(settings, process="checklist")
    try:
        about = Surroundings(
            settings, url=asked.url.rstrip("/"), prometheus=asked.prometheus, store=asked.store
        )
        open_ones = 0
        for verdict in check(about, [item for item in ITEMS if item.name not in asked.without]):
            print(verdict, flush=True)
            open_ones += not verdict.is_ok
    finally:
        disconnect()
    left_out = f"; left out: {', '.join(asked.without)}" if asked.without else ""
    print(f"{open_ones} open{left_out}.")
    return 1 if open_ones else 0


if __name__ == "__main__":
    sys.exit(main())
