import pytest

from app.core import lua
from app.core.lua import LuaScript
from app.core.problems import ServiceUnavailable
from app.core.redis_client import make_client
from dev.ports import free_port


@pytest.fixture
def redis(redis):
    """As the owner: these scripts do what the shop's never do."""
    return redis.owner


@pytest.fixture
def script(tmp_path, monkeypatch):
    """Make a script of a body."""

    def write(body):
        (tmp_path / "count.lua").write_text(body)
        monkeypatch.setattr(lua, "ROOT", tmp_path)
        return LuaScript("count")

    return write


def test_a_script_runs_with_its_keys_and_arguments(redis, script):
    count = script('return { "counted", redis.call("INCRBY", KEYS[1], ARGV[1]) }')

    assert count(redis, ["units"], [2]) == ["counted", 2]
    assert count(redis, ["units"], ["3"]) == ["counted", 5]


def test_a_script_is_sent_once_and_named_by_its_digest_afterwards(redis, script):
    count = script('return { "counted" }')
    redis.script_flush()
    assert redis.script_exists(count.digest) == [False]

    count(redis, [], [])

    assert redis.script_exists(count.digest) == [True]


def test_a_script_that_redis_forgot_runs_once_and_not_twice(redis, script):
    count = script('return { "counted", redis.call("INCR", KEYS[1]) }')
    count(redis, ["units"], [])
    redis.script_flush()

    assert count(redis, ["units"], []) == ["counted", 2]


@pytest.mark.parametrize("reply", ["1", "'OK'", "false"])
def test_a_reply_that_is_no_list_is_a_bug(redis, script, reply):
    with pytest.raises(AssertionError, match="count answered"):
        script(f"return {reply}")(redis, [], [])


def test_a_script_that_fails_makes_the_shop_unavailable(redis, script):
    with pytest.raises(ServiceUnavailable):
        script("return redis.call('NO SUCH COMMAND')")(redis, [], [])


def test_a_redis_out_of_reach_makes_the_shop_unavailable(script):
    with (
        make_client(f"redis://127.0.0.1:{free_port()}/0") as dead,
        pytest.raises(ServiceUnavailable) as refused,
    ):
        script("return {}")(dead, [], [])

    assert refused.value.retry_after == 2
