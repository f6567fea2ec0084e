"""A URL of sentinels is read as it is meant, and said to the counting library as well."""

import pytest

from app.core import sentinels

URL = (
    "rediss+sentinel://ora_queue:a%40b%3Ac@s1:1,s2/queue"
    "?sentinel_username=ora_ask&sentinel_password=d%26e"
)


def test_each_part_of_a_url_is_read():
    told = sentinels.read(URL)

    assert (told.name, told.is_tls) == ("queue", True)
    assert told.sentinels == (("s1", 1), ("s2", 26379))
    assert told.login == {"username": "ora_queue", "password": "a@b:c"}
    assert told.sentinel_login == {"username": "ora_ask", "password": "d&e"}
    assert "a@b" not in repr(told)
    assert "d&e" not in repr(told)


def test_sentinels_without_users_are_not_told_those_of_the_servers():
    told = sentinels.read("redis+sentinel://u:p@s1/stock")
    _, options = sentinels.for_limits("redis+sentinel://u:p@s1/stock")

    assert told.sentinel_login == {"username": None, "password": None}
    assert options["sentinel_kwargs"]["password"] is None
    assert (options["username"], options["password"]) == ("u", "p")


@pytest.mark.parametrize("path", ["", "/", "/stock/0"])
def test_what_is_watched_has_a_name(path):
    with pytest.raises(ValueError, match="the name of what they watch"):
        sentinels.read(f"redis+sentinel://s1{path}")


def test_limits_are_told_an_address_without_secrets_and_read_at_the_master():
    address, options = sentinels.for_limits(URL)

    assert address == "redis+sentinel://s1:1,s2:26379/queue"
    assert (options["use_replicas"], options["ssl"]) == (False, True)
