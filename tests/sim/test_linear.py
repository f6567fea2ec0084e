import pytest

from sim.linear import Op, check


def reserve(called, answered, order, units=1, **more):
    return Op("reserve", called, answered, order=order, units=units, **more)


def refuse(called, answered, order, units, seen):
    return Op("refuse", called, answered, order=order, units=units, seen=seen)


def read(called, answered, seen):
    return Op("read", called, answered, seen=seen)


def commit(called, answered, order, units=1):
    return Op("commit", called, answered, order=order, units=units)


GOOD = {
    "one after the other": [reserve(1, 2, "a"), read(3, 4, 0), refuse(5, 6, "b", 1, 0)],
    "a reader beside a buyer may come before or after": [
        reserve(1, 10, "a"), read(2, 3, 1), read(4, 5, 0),
    ],
    "whoever is refused beside a buyer came after": [
        reserve(1, 10, "a"), refuse(2, 3, "b", 1, 0),
    ],
    "a repeated request takes nothing more": [
        reserve(1, 2, "a"), reserve(3, 4, "a"), read(5, 6, 0),
    ],
    "what ran out can be had again": [
        reserve(1, 2, "a"), Op("expire", 3, 4, order="a"), reserve(5, 6, "b"),
    ],
    "who pays late takes the unit again where it is there": [
        reserve(1, 2, "a"), Op("expire", 3, 4, order="a"), commit(5, 6, "a"), read(7, 8, 0),
    ],
    "what is paid does not run out": [
        reserve(1, 2, "a"), commit(3, 4, "a"), Op("expire", 5, 6, order="a"), read(7, 8, 0),
    ],
    "a paid order that is cancelled gives its unit back": [
        reserve(1, 2, "a"), commit(3, 4, "a"), Op("release", 5, 6, order="a"), read(7, 8, 1),
    ],
    "nobody knows what became of it, and it was done": [
        reserve(1, None, "a", may=True), read(2, 3, 0),
    ],
    "nobody knows what became of it, and it was not done": [
        reserve(1, None, "a", may=True), reserve(2, 3, "b"), read(4, 5, 0),
    ],
    "nobody knows what became of it, and it is done late": [
        reserve(1, None, "a", may=True), read(2, 3, 1), read(4, 5, 0),
    ],
    "a delivery": [reserve(1, 2, "a"), Op("adjust", 3, 4, units=2), read(5, 6, 2)],
    "counted twice for a while": [
        Op("adjust", 1, 2, units=2), reserve(3, 4, "a"),
        commit(5, 10, "a"), Op("hide", 5, 10, order="a", units=1, may=True),
        Op("show", 5, 10, order="a", units=1, may=True), read(6, 7, 1), read(11, 12, 2),
    ],
}  # fmt: skip
BAD = {
    "a unit is promised twice": [reserve(1, 2, "a"), reserve(3, 4, "b")],
    "two at once get the last one": [reserve(1, 4, "a"), reserve(2, 3, "b")],
    "refused though it was there": [refuse(1, 2, "a", 1, 0)],
    "refused with a number that never was": [
        reserve(1, 2, "a"), Op("release", 3, 4, order="a"), refuse(5, 6, "b", 2, 0),
    ],
    "a reader sees what is over": [reserve(1, 2, "a"), read(3, 4, 1)],
    "two readers see time run backwards": [
        reserve(1, 10, "a"), read(2, 3, 0), read(4, 5, 1),
    ],
    "a released unit does not come back": [
        reserve(1, 2, "a"), Op("release", 3, 4, order="a"), read(5, 6, 0),
    ],
    "what ran out is held for ever": [
        reserve(1, 2, "a"), Op("expire", 3, 4, order="a"), refuse(5, 6, "b", 1, 0),
    ],
    "who pays late takes somebody else's unit": [
        reserve(1, 2, "a"), Op("expire", 3, 4, order="a"), reserve(5, 6, "b"), commit(7, 8, "a"),
    ],
    "what was perhaps done is undone by nobody": [
        reserve(1, None, "a", may=True), read(2, 3, 0), read(4, 5, 1),
    ],
    "a unit leaves that somebody holds": [
        reserve(1, 2, "a"), Op("adjust", 3, 4, units=-1),
    ],
    "counted twice when it is over": [
        Op("adjust", 1, 2, units=2), reserve(3, 4, "a"),
        commit(5, 6, "a"), Op("hide", 5, 6, order="a", units=1, may=True),
        Op("show", 5, 6, order="a", units=1, may=True), read(7, 8, 1), read(9, 10, 2),
    ],
    "too much is sold though less was counted": [
        reserve(1, 2, "a"), Op("hide", 1, None, order="a", units=1, may=True), reserve(3, 4, "b"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_what_can_be_explained_is_linearizable(name):
    assert check(1, GOOD[name]).is_linearizable


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_explained_is_refused(name):
    verdict = check(1, BAD[name])

    assert (verdict.is_linearizable, verdict.is_decided) == (False, True)


def test_it_tells_how_far_it_came_and_what_it_could_not_explain():
    verdict = check(1, BAD["a unit is promised twice"])

    assert [op.order for op in verdict.best] == ["a"]
    assert [op.order for op in verdict.stuck] == ["b"]


def test_a_search_that_takes_too_long_says_that_it_decided_nothing():
    many = [reserve(n, 100 + n, f"o{n}") for n in range(12)]

    verdict = check(11, many, most_states=50)

    assert not verdict.is_decided
