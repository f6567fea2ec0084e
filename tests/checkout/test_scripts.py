"""Claiming a request, going on with it, giving it up: on a real Redis and on fakeredis."""

from uuid import UUID

import fakeredis
import pytest

from app.checkout import idempotency, keys, scripts
from app.checkout.errors import ClaimedBeforeError, IdempotencyKeyReused, RequestInFlight
from app.core.ids import new_id

LEASE_MS = 15_000
KEPT_MS = 86_400_000


@pytest.fixture(params=["real", "fake"])
def store(request, redis):
    if request.param == "real":
        return redis
    return fakeredis.FakeRedis(decode_responses=True)


@pytest.fixture
def order_id() -> UUID:
    return new_id()


def claim(store, order_id, fingerprint="body", token="mine"):
    guard = scripts.claim(
        order_id, fingerprint=fingerprint, token=token, lease_ms=LEASE_MS, kept_ms=KEPT_MS
    )
    ahead, read = guard.ahead
    read(ahead(store))


def known(store, order_id):
    fingerprint, token = store.hmget(keys.request(order_id), "fingerprint", "token")
    return fingerprint, token


def end_lease(store, order_id):
    store.hset(keys.request(order_id), "until_ms", 0)


def test_whoever_comes_first_answers(store, order_id):
    claim(store, order_id)

    assert known(store, order_id) == ("body", "mine")
    assert LEASE_MS < store.pttl(keys.request(order_id)) <= KEPT_MS


def test_a_claim_whose_reply_was_lost_is_made_again_by_its_client(store, order_id):
    claim(store, order_id)
    claim(store, order_id)

    with pytest.raises(RequestInFlight):
        claim(store, order_id, token="another")


def test_whoever_comes_second_waits_and_changes_nothing(store, order_id):
    claim(store, order_id)

    with pytest.raises(RequestInFlight) as refusal:
        claim(store, order_id, token="another")

    assert 1 <= refusal.value.retry_after <= LEASE_MS // 1000
    assert known(store, order_id) == ("body", "mine")


@pytest.mark.parametrize("is_over", [False, True])
def test_another_body_is_refused_as_long_as_the_first_is_remembered(store, order_id, is_over):
    claim(store, order_id)
    if is_over:
        end_lease(store, order_id)

    with pytest.raises(IdempotencyKeyReused):
        claim(store, order_id, fingerprint="other")

    assert known(store, order_id) == ("body", "mine")


def test_what_was_given_up_is_claimed_again_by_any_body(store, order_id):
    claim(store, order_id)

    scripts.yield_(store, order_id, token="mine")

    assert store.exists(keys.request(order_id)) == 0
    claim(store, order_id, fingerprint="other", token="another")


def test_a_stranger_gives_nothing_up(store, order_id):
    claim(store, order_id)

    scripts.yield_(store, order_id, token="another")

    with pytest.raises(RequestInFlight):
        claim(store, order_id, token="a third")


def test_giving_up_what_nobody_claimed_does_nothing(store, order_id):
    scripts.yield_(store, order_id, token="mine")

    assert store.keys() == []


def test_after_the_lease_another_one_looks_for_the_answer_before_it_goes_on(store, order_id):
    claim(store, order_id)
    end_lease(store, order_id)

    with pytest.raises(ClaimedBeforeError):
        claim(store, order_id, token="another")

    # Not the token by which units could be taken.
    assert known(store, order_id) == ("body", idempotency.reclaim(order_id, "another").token)
    assert known(store, order_id) != ("body", "another")
    with pytest.raises(RequestInFlight):
        claim(store, order_id, token="a third")


def test_whoever_looks_for_the_answer_may_ask_and_give_up_again(store, order_id):
    claim(store, order_id)
    end_lease(store, order_id)
    for _ in range(2):
        with pytest.raises(ClaimedBeforeError):
            claim(store, order_id, token="another")

    scripts.yield_(store, order_id, token="another")

    claim(store, order_id, token="a third")


def test_a_late_claimer_does_not_give_up_what_another_has_claimed_since(store, order_id):
    claim(store, order_id, token="late")
    end_lease(store, order_id)
    with pytest.raises(ClaimedBeforeError):
        claim(store, order_id, token="another")

    scripts.yield_(store, order_id, token="late")

    assert known(store, order_id) == ("body", "another?")


def test_each_order_is_claimed_by_itself(store, order_id):
    claim(store, order_id)

    claim(store, new_id(), fingerprint="other")


def test_the_scripts_are_learnt_again_by_a_redis_that_forgot_them(store, order_id):
    claim(store, order_id)

    store.script_flush()

    with pytest.raises(RequestInFlight):
        claim(store, order_id, token="a third")
    scripts.yield_(store, order_id, token="mine")
    claim(store, order_id, token="a third")
