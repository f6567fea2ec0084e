"""The servers that the shop needs and the environment does not name."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dev.postgres import PostgresServer
from dev.redis_server import RedisServer

__all__ = ["PostgresServer", "RedisServer", "Urls", "servers"]


class Urls(dict[str, str]):
    """The variables to add; `admin` has those of the same servers' users who may do everything."""

    def __init__(self) -> None:
        super().__init__()
        self.admin: dict[str, str] = {}


@contextmanager
def servers(
    data_dir: Path, *, durable: bool, environ: Mapping[str, str] | None = None
) -> Iterator[Urls]:
    """
    Start a server for each of the three URLs not set in the environment, and stop it after.

    Yields the variables to add. With `durable=False` they start empty, and their data is
    removed in the end. They are those of the shop's roles and users, who may do what the shop
    needs; with Postgres comes MIGRATION_DATABASE_URL, of the role that owns its tables.
    """
    environ = os.environ if environ is None else environ
    ours: dict[str, Callable[[], PostgresServer | RedisServer]] = {
        "DATABASE_URL": lambda: PostgresServer(data_dir / "postgres", durable=durable),
        "STOCK_REDIS_URL": lambda: _redis(data_dir, "stock", durable=durable),
        "QUEUE_REDIS_URL": lambda: _redis(data_dir, "queue", durable=durable),
    }
    with ExitStack() as running:
        urls = Urls()
        for variable, create in ours.items():
            if environ.get(variable):
                continue
            server = create()
            if not durable:
                server.remove()
            running.callback(server.stop if durable else server.remove)
            server.start()
            urls[variable], urls.admin[variable] = server.url, server.admin_url
            if isinstance(server, PostgresServer):
                urls["MIGRATION_DATABASE_URL"] = server.owner_url
        yield urls


def _redis(data_dir: Path, name: str, *, durable: bool) -> RedisServer:
    return RedisServer(data_dir / f"{name}-redis", durable=durable, users=name)
