"""What may be a moment old is made once in that moment, and anew after it."""

from app.core.cache import Cache


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def counting():
    made = []

    def make():
        made.append(None)
        return len(made)

    return make


def test_a_value_is_kept_for_so_long_and_no_longer():
    clock, make = Clock(), counting()
    cache = Cache(most=10, clock=clock)

    first = [cache.get("a", make, seconds=1) for _ in range(3)]
    clock.now += 1

    assert (first, cache.get("a", make, seconds=1)) == ([1, 1, 1], 2)


def test_each_key_has_a_value_of_its_own():
    cache = Cache(most=10)

    assert [cache.get(key, lambda key=key: key * 2, seconds=9) for key in "aba"] == [
        "aa", "bb", "aa",
    ]  # fmt: skip


def test_what_is_too_old_makes_room_for_what_is_new():
    """Else a process would hold whatever it was ever asked for, up to the most."""
    clock = Clock()
    cache = Cache(most=1_000_000, clock=clock)

    for number in range(1_000):
        clock.now += 1
        cache.get(number, object, seconds=10)
        cache.many([f"a{number}", "again"], lambda keys: dict.fromkeys(keys, 1), seconds=10)

    assert len(cache) <= 3 * 10


def test_a_value_that_was_made_anew_is_kept_as_long_as_one_that_is_new():
    clock, make = Clock(), counting()
    cache = Cache(most=10, clock=clock)
    cache.get("a", make, seconds=1)
    cache.get("b", make, seconds=9)
    clock.now += 1
    anew = cache.get("a", make, seconds=1)
    clock.now += 0.5
    cache.get("c", make, seconds=1)

    assert cache.get("a", make, seconds=1) == anew == 3


def test_nothing_is_kept_for_no_time_at_all():
    cache, make = Cache(most=10), counting()

    assert [cache.get("a", make, seconds=0) for _ in range(3)] == [1, 2, 3]
    assert cache.many("a", lambda keys: dict.fromkeys(keys, make()), seconds=0) == {"a": 4}


def test_what_goes_wrong_is_not_kept():
    cache = Cache(most=10)

    def fail():
        raise LookupError

    for _ in range(2):
        try:
            cache.get("a", fail, seconds=9)
        except LookupError:
            continue
    assert cache.get("a", lambda: "made", seconds=9) == "made"


def test_of_many_only_the_missing_are_made_together():
    clock, asked = Clock(), []
    cache = Cache(most=10, clock=clock)

    def make(keys):
        asked.append(list(keys))
        return {key: key.upper() for key in keys if key != "x"}

    found = [cache.many(keys, make, seconds=1) for keys in ("ab", "abc", "ax")]
    clock.now += 1
    cache.many("a", make, seconds=1)

    assert found == [
        {"a": "A", "b": "B"}, {"a": "A", "b": "B", "c": "C"}, {"a": "A"},
    ]  # fmt: skip
    assert asked == [["a", "b"], ["c"], ["x"], ["a"]]


def test_no_more_is_kept_than_fits():
    cache, make = Cache(most=2), counting()

    for key in "abc":
        cache.get(key, make, seconds=9)

    assert cache.get("c", make, seconds=9) == 3
    assert cache.get("a", make, seconds=9) == 4
