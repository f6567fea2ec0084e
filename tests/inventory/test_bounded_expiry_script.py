"""Many reservations that lapse in the same moment: a bounded piece a call, and exact answers."""

from collections import Counter
from uuid import UUID

import pytest

from app.core.redis_client import SERVER
from app.inventory import keys, scripts
from app.inventory.errors import InsufficientStock, PurchaseLimitExceeded, UnknownToRedisError
from app.inventory.terms import Levels, Pending
from tests.inventory.shelf import (
    ASHA,
    BINA,
    MEERA,
    NAINA,
    QUARTER_HOUR,
    buyers,
    claim,
    commit,
    everything,
    levels,
    now_ms,
    put,
    reserve,
)

MOST = 250
MANY = 600

TAKE = {"reserve": reserve, "commit": commit}


def lapsed(store, count=MANY, *, buyer=MEERA, ago_ms=10_000):
    """Make reservations of one unit each that are all over."""
    over_ms = now_ms(store) - ago_ms
    return tuple(Pending(UUID(int=10_000 + n), 1, buyer, over_ms) for n in range(count))


def call(store, verb, units, *, order=ASHA, buyer=MEERA, skus=("RING",)):
    """Call a script once, as scripts.py does until it does not say again."""
    names = keys.of_products(skus)
    lines = [units] * len(skus)
    if verb == "reserve":
        head = [SERVER, str(order), buyer, QUARTER_HOUR, ""]
        return scripts._RESERVE(store, keys.of_lines(skus), [*head, *lines])
    if verb == "commit":
        return scripts._COMMIT(store, names, [SERVER, str(order), buyer, *lines])
    of_levels = [key(sku) for sku in skus for key in (keys.stock, keys.reservations, keys.buyers)]
    return scripts._LEVELS(store, of_levels, [SERVER])


def left(store, sku="RING"):
    """Count the reservations that are still there; the numbers agree with them, always."""
    members = store.zrange(keys.reservations(sku), 0, -1)
    units, by_buyer = 0, Counter()
    for member in members:
        _, count, buyer = member.split(":", 2)
        units += int(count)
        by_buyer[buyer] += int(count)
    known = store.hgetall(keys.stock(sku))
    assert int(known["reserved"]) == units
    if known["limit"] != "0" and known["committed"] == "0":
        assert buyers(store, sku) == {buyer: str(count) for buyer, count in by_buyer.items()}
    return len(members)


@pytest.mark.parametrize("verb", ["reserve", "commit", "levels"])
def test_one_call_returns_so_many_of_what_ran_out_and_asks_to_be_called_again(store, verb):
    put(store, RING=MANY, pending=lapsed(store))

    for expected in (MANY - MOST, MANY - 2 * MOST):
        assert call(store, verb, MANY) == ["again"]
        assert left(store) == expected
    assert call(store, verb, MANY)[0] == {"reserve": "reserved", "commit": "committed"}.get(
        verb, verb
    )


def test_a_call_that_can_be_answered_returns_no_more_than_that_either(store):
    put(store, RING=MANY, pending=lapsed(store))

    assert call(store, "reserve", MOST)[0] == "reserved"

    assert left(store) == MANY - MOST + 1
    assert levels(store, "RING") == Levels(MANY, MOST, 0)


@pytest.mark.parametrize(("verb", "taken"), [("reserve", (MANY, 0)), ("commit", (0, MANY))])
def test_units_of_which_every_one_was_lapsed_are_taken_exactly(store, verb, taken):
    put(store, RING=MANY, pending=lapsed(store))

    TAKE[verb](store, ASHA, RING=MANY)

    assert levels(store, "RING") == Levels(MANY, *taken)


@pytest.mark.parametrize("verb", TAKE)
def test_a_refusal_counts_every_lapsed_unit_as_available(store, verb):
    put(store, RING=MANY, pending=lapsed(store))

    with pytest.raises(InsufficientStock) as refused:
        TAKE[verb](store, ASHA, RING=MANY + 1)

    (line,) = refused.value.members["lines"]
    assert line["available"] == MANY
    assert left(store) == 0


def test_levels_count_every_lapsed_unit_as_available(store):
    put(store, RING=MANY, pending=lapsed(store))

    assert levels(store, "RING") == Levels(MANY, 0, 0)

    assert left(store) == 0


@pytest.mark.parametrize("count", [MOST - 1, MOST, MOST + 1])
@pytest.mark.parametrize("verb", TAKE)
def test_answers_are_exact_just_below_and_above_what_one_call_returns(store, verb, count):
    put(store, RING=count, pending=lapsed(store, count))
    with pytest.raises(InsufficientStock) as refused:
        TAKE[verb](store, ASHA, RING=count + 1)
    assert refused.value.members["lines"][0]["available"] == count
    TAKE[verb](store, ASHA, RING=count)
    assert levels(store, "RING").available == 0


@pytest.mark.parametrize("verb", TAKE)
def test_an_order_whose_own_time_ran_out_after_too_many_others_is_counted_once(store, verb):
    own = Pending(ASHA, 2, MEERA, now_ms(store) - 1)
    put(store, RING=MANY + 2, limit=MANY, pending=(*lapsed(store, buyer=NAINA), own))

    assert call(store, verb, 2)[0] != "again"

    assert store.zcard(keys.reservations("RING")) == MANY - MOST + (verb == "reserve")
    assert buyers(store, "RING") == {MEERA: "2", NAINA: str(MANY - MOST)}
    assert levels(store, "RING").available == MANY
    assert buyers(store, "RING") == {MEERA: "2"}


@pytest.mark.parametrize("verb", TAKE)
def test_a_refused_order_finds_its_own_lapsed_units_available_wherever_they_stand(store, verb):
    for own_ms in (now_ms(store) - 1, 1):
        own = Pending(ASHA, MANY + 3, MEERA, own_ms)
        put(store, RING=MANY + 2, pending=(*lapsed(store), own))

        with pytest.raises(InsufficientStock) as refused:
            TAKE[verb](store, ASHA, RING=MANY + 3)

        assert refused.value.members["lines"][0]["available"] == MANY + 2


def test_a_held_order_is_renewed_and_committed_at_once_however_much_has_run_out(store):
    own = Pending(ASHA, 2, MEERA, now_ms(store) + QUARTER_HOUR)
    put(store, RING=1, pending=(*lapsed(store), own))

    assert call(store, "reserve", 2)[0] == "reserved"
    assert call(store, "commit", 2)[0] == "committed"

    assert levels(store, "RING") == Levels(1, 0, 2)


def test_what_each_buyer_has_is_right_after_every_piece(store):
    meera, naina = lapsed(store, 300), lapsed(store, 525, buyer=NAINA)[300:]
    held = Pending(BINA, 5, NAINA, now_ms(store) + QUARTER_HOUR)
    put(store, RING=MANY, limit=MANY, pending=(*meera, *naina, held))
    assert left(store) == 526

    for expected in (276, 26, 1):
        call(store, "levels", 0)
        assert left(store) == expected

    assert buyers(store, "RING") == {NAINA: "5"}


@pytest.mark.parametrize("verb", TAKE)
def test_a_limit_counts_nothing_that_has_run_out_however_much_it_is(store, verb):
    put(store, RING=2 * MANY, limit=MANY, pending=lapsed(store))

    with pytest.raises(PurchaseLimitExceeded) as refused:
        TAKE[verb](store, ASHA, RING=MANY + 1)
    assert refused.value.members["lines"][0]["allowed"] == MANY

    TAKE[verb](store, ASHA, RING=MANY)
    assert buyers(store, "RING") == {MEERA: str(MANY)}


@pytest.mark.parametrize("verb", ["reserve", "commit", "levels"])
def test_the_lines_of_a_call_share_what_it_may_return(store, verb):
    put(store, CHAIN=150, RING=150, pending=lapsed(store, 150))

    assert call(store, verb, 150, skus=("CHAIN", "RING")) == ["again"]

    assert (left(store, "CHAIN"), left(store, "RING")) == (0, 50)


@pytest.mark.parametrize("verb", TAKE)
def test_an_order_on_two_products_of_which_much_has_run_out_takes_all_or_tells_all(store, verb):
    put(store, CHAIN=MANY, RING=MANY, pending=lapsed(store))

    with pytest.raises(InsufficientStock) as refused:
        TAKE[verb](store, ASHA, CHAIN=MANY + 1, RING=MANY + 2)
    assert [line["available"] for line in refused.value.members["lines"]] == [MANY, MANY]

    TAKE[verb](store, ASHA, CHAIN=MANY, RING=MANY)
    assert levels(store, "CHAIN") == levels(store, "RING")
    assert levels(store, "RING").available == 0


@pytest.mark.parametrize("verb", TAKE)
def test_an_unknown_product_is_told_first_and_nothing_is_returned(store, verb):
    put(store, RING=MANY, pending=lapsed(store))
    before = everything(store)

    with pytest.raises(UnknownToRedisError):
        TAKE[verb](store, ASHA, CHAIN=1, RING=MANY)

    assert everything(store) == before


def test_giving_up_and_extending_return_nothing_of_others(store):
    own = Pending(ASHA, 2, MEERA, now_ms(store) + 60_000)
    put(store, RING=MANY, pending=(*lapsed(store), own))

    scripts.extend(store, claim(ASHA, {"RING": 2}), lifetime_ms=QUARTER_HOUR)
    assert left(store) == MANY + 1
    scripts.release(store, claim(ASHA, {"RING": 2}))
    assert left(store) == MANY
