"""The shop's users in Redis can do what the shop does and nothing else."""

import re

import pytest
from redis import Redis
from redis.exceptions import NoPermissionError, ResponseError
from rq import Queue
from rq.serializers import JSONSerializer

from app.core import jobs, redis_client
from dev.redis_server import USERS
from tests.payments.purchase import purchase

# Whoever has one of these has the server, or can stop it.
DANGEROUS = [
    ("ACL", "LIST"), ("ACL", "SETUSER", "x"), ("BGSAVE",), ("CLIENT", "KILL", "TYPE", "normal"),
    ("CLIENT", "PAUSE", "1"), ("CONFIG", "GET", "*"), ("CONFIG", "SET", "dir", "/"),
    ("DEBUG", "SLEEP", "0"), ("FAILOVER",), ("FLUSHALL",), ("FLUSHDB",), ("KEYS", "*"),
    ("MIGRATE", "h", "1", "k", "0", "1"), ("MODULE", "LOAD", "/x.so"), ("MONITOR",),
    ("RESTORE", "stock:{X}", "0", "x"), ("REPLICAOF", "h", "1"), ("SAVE",),
    ("SCRIPT", "FLUSH"), ("SCRIPT", "KILL"), ("SHUTDOWN",), ("SLAVEOF", "h", "1"),
    ("SWAPDB", "0", "1"),
]  # fmt: skip
FOREIGN_KEYS = [
    ("GET", "secret"), ("SET", "secret", "1"), ("DEL", "secret"),
    ("EVAL", "return redis.call('GET', KEYS[1])", "1", "secret"),
    ("EVAL", "return redis.call('GET', 'secret')", "0"),
    ("EVAL", "return redis.call('SET', 'secret', 'x')", "0"),
    ("EVAL", "return redis.call('FLUSHALL')", "0"),
    ("EVAL", "return redis.call('CONFIG', 'GET', '*')", "0"),
]  # fmt: skip


# How a script tells that a command of its was refused.
FROM_INSIDE = re.compile(
    "NOPERM|not allowed from script|can't (run this command|access at least one of the keys)"
)


@pytest.fixture(params=["stock", "queue"])
def client(request, app):
    return {"stock": redis_client.redis, "queue": jobs.connection}[request.param]()


def refused(client: Redis, command: tuple[str, ...]) -> bool:
    try:
        client.execute_command(*command)
    except NoPermissionError:
        return True
    except ResponseError as error:
        return FROM_INSIDE.search(str(error)) is not None
    return False


@pytest.mark.parametrize("command", DANGEROUS, ids=" ".join)
def test_attack_53_the_apps_redis_user_has_no_command_over_the_server(client, command):
    assert refused(client, command)


@pytest.mark.parametrize("command", FOREIGN_KEYS, ids=" ".join)
def test_attack_53_the_apps_redis_user_has_no_key_of_others(client, command):
    assert refused(client, command)


def test_attack_53_it_hears_no_channel_of_others_and_speaks_on_none(client):
    assert refused(client, ("PUBLISH", "rq:pubsub:x", "stop"))
    with client.pubsub() as heard:
        heard.subscribe("elsewhere")
        with pytest.raises(NoPermissionError):
            heard.get_message(timeout=5)


@pytest.mark.parametrize("command", DANGEROUS[:3], ids=" ".join)
def test_the_owner_is_not_refused(redis, command):
    """So that what is refused above is refused because of the user."""
    assert not refused(redis.owner, command)


def test_a_whole_purchase_works_under_the_user(shop, session, redis):
    redis.owner.acl_log_reset()
    shop.product("ring", 3)
    shop.capture(purchase(shop, ring=2).opened)
    shop.work()

    assert shop.on_hand("ring") == 1
    assert (shop.levels("ring").available, shop.levels("ring").committed) == (1, 0)
    # redis-py tells servers its name, which they may refuse.
    assert {entry["object"] for entry in redis.owner.acl_log()} <= {"client"}


def test_a_wake_up_works_under_the_user(app):
    jobs.wake("mail")

    queue = Queue("mail", connection=jobs.connection(), serializer=JSONSerializer)
    assert [job.func_name for job in queue.jobs] == [jobs.DRAIN]
    jobs.woken("mail")


@pytest.mark.parametrize("name", ["stock", "queue"])
def test_a_file_has_the_shops_user_an_administrator_and_nobody_else(name):
    users = {
        line.split()[1]: line.split()[2:]
        for line in (USERS / f"{name}.acl").read_text().splitlines()
    }

    assert set(users) == {"default", "ora_admin", f"ora_{name}"}
    assert users["default"] == ["off"]
    words = users[f"ora_{name}"]
    assert "nopass" not in words
    assert "~*" not in words
    assert "-@all" in words
    # Command by command: a category of Redis grows with its versions.
    assert not [word for word in words if word.startswith("+@")]


@pytest.mark.parametrize("name", ["watched", "sentinel"])
def test_who_watches_has_its_commands_by_name_and_no_key(name):
    users = {
        line.split()[1]: line.split()[2:]
        for line in (USERS / f"{name}.acl").read_text().splitlines()
    }

    for user, words in users.items():
        if user not in ("default", "ora_admin"):
            assert "-@all" in words
            assert not [word for word in words if word.startswith(("~", "+@", "nopass"))]
