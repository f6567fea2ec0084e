"""
The stock Redis: one client a process, with bounded waits.

It is one server, one that Sentinel watches, or a cluster; the URL tells which.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import structlog
from redis import Connection, Redis, RedisCluster
from redis.backoff import ConstantBackoff, NoBackoff
from redis.cluster import ClusterNode
from redis.connection import ConnectionPool
from redis.exceptions import RedisClusterException, RedisError
from redis.retry import Retry

from app.core import sentinels
from app.core.problems import ServiceUnavailable

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_SECONDS = 0.5
# A call may wait three times as long: two tries, and the connection between them.
COMMAND_TIMEOUT_SECONDS = 1.0
# A cluster's client asks where a slot went between two tries.
CLUSTER_TRIES = 2
CLUSTER_PAUSE_SECONDS = 0.05
_OPTIONS: Final[dict[str, Any]] = {
    "decode_responses": True,
    "socket_connect_timeout": CONNECT_TIMEOUT_SECONDS,
    "socket_timeout": COMMAND_TIMEOUT_SECONDS,
    "client_name": "ora",
}
DEFAULT_PORT = 6379
CLUSTER_SUFFIX: Final = "+cluster"

AnyRedis = Redis | RedisCluster


class _Server:
    """Stands, among a command's arguments, for the run id of the server it is sent to."""


SERVER: Final = _Server()
Argument = str | int | _Server


class _Acquainted:
    """
    A connection that knows the run id of its server, which a restart or a failover changes.

    It is filled in where a command is sent, so that no retry carries the id of a server that the
    connection was to before.
    """

    server = ""

    def send_command(self, *args: Any, **options: Any) -> None:
        self.connect()  # type: ignore[attr-defined]
        super().send_command(*self._filled(args), **options)  # type: ignore[misc]

    def pack_commands(self, commands: Iterable[Iterable[Any]]) -> Any:
        """Fill in the run id for a pipeline as well, which packs before it sends."""
        self.connect()  # type: ignore[attr-defined]
        return super().pack_commands([self._filled(args) for args in commands])  # type: ignore[misc]

    def _filled(self, args: Iterable[Any]) -> list[Any]:
        return [self.server if arg is SERVER else arg for arg in args]


@cache
def acquainted(connection_class: type) -> type:
    """Make a kind of connection one that fills in its server's run id."""
    return type(f"Acquainted{connection_class.__name__}", (_Acquainted, connection_class), {})


class AcquaintedPool(ConnectionPool):
    """A pool of such connections."""

    def __init__(self, connection_class: type = Connection, **options: Any) -> None:
        """Take what redis-py's pool takes."""
        super().__init__(connection_class=acquainted(connection_class), **options)


def learn_run_id(connection: Any) -> None:
    """Ask the server of a new connection for its run id."""
    connection.send_command("INFO", "server")
    connection.server = re.search(r"run_id:(\w+)", str(connection.read_response()))[1]  # type: ignore[index]


def _introduce(connection: Any) -> None:
    connection.on_connect()
    learn_run_id(connection)


def make_client(url: str) -> AnyRedis:
    """
    Make a client that waits a bounded time and tries a broken connection once more.

    Every script is keyed by its order, so that running one twice does nothing new. A URL that
    begins with ``redis+cluster`` names nodes of a cluster, separated by commas; one of them has to
    answer now, where a server of its own is asked only when it is used. One that begins with
    ``redis+sentinel`` names those who know which server it is.

    Raises:
        ServiceUnavailable: no node of the cluster answers.
    """
    first, others = _nodes(url)
    if not _is_cluster(url):
        return _of_one_server(first)
    with foreign_errors():
        return RedisCluster(
            url=first,
            startup_nodes=[_node(address) for address in others],
            connection_pool_class=AcquaintedPool,
            redis_connect_func=learn_run_id,
            retry=Retry(ConstantBackoff(CLUSTER_PAUSE_SECONDS), CLUSTER_TRIES),
            **_OPTIONS,
        )


def _of_one_server(url: str) -> Redis:
    options = _OPTIONS | {"redis_connect_func": _introduce, "retry": Retry(NoBackoff(), 1)}
    if sentinels.are_asked(url):
        return Redis.from_pool(sentinels.pool(url, kind=acquainted, **options))
    return Redis.from_pool(AcquaintedPool.from_url(url, **options))


def _is_cluster(url: str) -> bool:
    return url.partition("://")[0].endswith(CLUSTER_SUFFIX)


def _nodes(url: str) -> tuple[str, list[str]]:
    """Read a URL: that of the first node as redis-py knows them, and the others' addresses."""
    if not _is_cluster(url):
        return url, []
    scheme, _, rest = url.partition("://")
    login, at, nodes = rest.rpartition("@")
    first, *others = nodes.partition("/")[0].split(",")
    return f"{scheme.removesuffix(CLUSTER_SUFFIX)}://{login}{at}{first}", others


def _node(address: str) -> ClusterNode:
    host, _, port = address.partition(":")
    return ClusterNode(host, int(port or DEFAULT_PORT))  # type: ignore[no-untyped-call]


_url = ""
_redis: AnyRedis | None = None


def connect(url: str) -> None:
    """
    Give this process its client; a second call replaces the first.

    A cluster's is made when it is first used, since it asks the nodes at once.

    Raises:
        ValueError: ``url`` cannot be read.
    """
    global _url, _redis  # noqa: PLW0603 - one of the process-wide things, reached by redis()
    disconnect()
    _url = url
    _redis = None if _is_cluster(url) else make_client(url)


def disconnect() -> None:
    """Close this process' connections."""
    global _redis  # noqa: PLW0603
    if _redis is not None:
        _redis.close()
    _redis = None


def redis() -> AnyRedis:
    """
    Return this process' client of the stock Redis; it fails when used, never here.

    While no node of a cluster answers it is the client of one of them.
    """
    global _redis  # noqa: PLW0603
    assert _url, "redis_client.connect() was not called"  # noqa: S101
    if _redis is None:
        try:
            _redis = make_client(_url)
        except ServiceUnavailable:
            return _of_one_server(_nodes(_url)[0])
    return _redis


def slot(redis: AnyRedis, key: str) -> int:
    """Tell where a key lies; on one server all keys lie together."""
    # In this order, since it is asked often: an exact type is told at once.
    if isinstance(redis, Redis):
        return 0
    return int(redis.keyslot(key))  # type: ignore[no-untyped-call]


def clock_ms(redis: AnyRedis, key: str) -> int:
    """
    Tell the time, in milliseconds, by the clock of the server that has ``key``.

    Raises:
        ServiceUnavailable: it does not answer.
    """
    with foreign_errors():
        if isinstance(redis, RedisCluster):
            node = redis.get_node_from_key(key)  # type: ignore[no-untyped-call]
            told = redis.execute_command("TIME", target_nodes=node)  # type: ignore[no-untyped-call]
            seconds, microseconds = told
        else:
            seconds, microseconds = redis.time()
    return int(seconds) * 1000 + int(microseconds) // 1000


@contextmanager
def foreign_errors() -> Iterator[None]:
    """
    Turn what Redis raises into a problem.

    Raises:
        ServiceUnavailable: Redis is down, slow, full, read-only or still loading.
    """
    try:
        yield
    except (RedisError, RedisClusterException) as error:
        log.warning("redis.unavailable", error=error)
        raise ServiceUnavailable from error
