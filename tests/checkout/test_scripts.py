"""Claiming a request, answering it, giving it up: on a real Redis and on fakeredis."""

from uuid import UUID

import fakeredis
import pytest

from app.checkout import keys, scripts
from app.checkout.errors import IdempotencyKeyReused, RequestInFlight
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
    return scripts.claim(store, order_id, fingerprint=fingerprint, token=token, lease_ms=LEASE_MS)


def answer(store, order_id, fingerprint="body"):
    scripts.answer(store, order_id, fingerprint=fingerprint, lifetime_ms=KEPT_MS)


def test_whoever_comes_first_answers(store, order_id):
    assert claim(store, order_id) is True

    key = keys.request(order_id)
    assert store.hgetall(key) == {"fingerprint": "body", "token": "mine"}
    assert 0 < store.pttl(key) <= LEASE_MS


def test_a_claim_whose_reply_was_lost_is_made_again_by_its_client(store, order_id):
    assert [claim(store, order_id), claim(store, order_id)] == [True, True]

    with pytest.raises(RequestInFlight):
        claim(store, order_id, token="another")


def test_whoever_comes_second_waits_and_changes_nothing(store, order_id):
    claim(store, order_id)

    with pytest.raises(RequestInFlight) as refusal:
        claim(store, order_id, token="another")

    assert 1 <= refusal.value.retry_after <= LEASE_MS // 1000
    assert store.hgetall(keys.request(order_id)) == {"fingerprint": "body", "token": "mine"}


def test_another_body_is_refused_while_the_first_is_answered(store, order_id):
    claim(store, order_id)

    with pytest.raises(IdempotencyKeyReused):
        claim(store, order_id, fingerprint="other")

    assert store.hgetall(keys.request(order_id)) == {"fingerprint": "body", "token": "mine"}


def test_after_the_answer_nobody_claims_any_more(store, order_id):
    claim(store, order_id)

    answer(store, order_id)

    assert claim(store, order_id, token="another") is False
    with pytest.raises(IdempotencyKeyReused):
        claim(store, order_id, fingerprint="other")
    assert LEASE_MS < store.pttl(keys.request(order_id)) <= KEPT_MS


def test_what_was_given_up_is_claimed_again_by_any_body(store, order_id):
    claim(store, order_id)

    scripts.yield_(store, order_id, token="mine")

    assert store.exists(keys.request(order_id)) == 0
    assert claim(store, order_id, fingerprint="other", token="another") is True


def test_a_stranger_gives_nothing_up(store, order_id):
    claim(store, order_id)

    scripts.yield_(store, order_id, token="another")

    with pytest.raises(RequestInFlight):
        claim(store, order_id, token="a third")


def test_an_answer_is_not_given_up(store, order_id):
    claim(store, order_id)
    answer(store, order_id)

    scripts.yield_(store, order_id, token="mine")

    assert claim(store, order_id) is False


def test_giving_up_what_nobody_claimed_does_nothing(store, order_id):
    scripts.yield_(store, order_id, token="mine")

    assert store.keys() == []


def test_after_the_lease_another_one_answers(store, order_id):
    claim(store, order_id)
    store.pexpire(keys.request(order_id), 0)

    assert claim(store, order_id, token="another") is True


def test_a_late_claimer_does_not_give_up_what_another_has_claimed_since(store, order_id):
    claim(store, order_id, token="late")
    store.pexpire(keys.request(order_id), 0)
    claim(store, order_id, token="another")

    scripts.yield_(store, order_id, token="late")

    assert store.hget(keys.request(order_id), "token") == "another"


def test_an_answer_after_the_lease_is_remembered_all_the_same(store, order_id):
    answer(store, order_id)

    assert claim(store, order_id) is False


def test_each_order_is_claimed_by_itself(store, order_id):
    claim(store, order_id)

    assert claim(store, new_id(), fingerprint="other") is True


def test_the_scripts_are_learnt_again_by_a_redis_that_forgot_them(store, order_id):
    claim(store, order_id)

    store.script_flush()

    with pytest.raises(RequestInFlight):
        claim(store, order_id, token="a third")
    answer(store, order_id)
    scripts.yield_(store, order_id, token="mine")
    assert claim(store, order_id) is False
