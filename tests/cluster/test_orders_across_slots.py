"""One order on products of several slots: one call a slot, and still all lines or none."""

from uuid import uuid4

import pytest

from app.core import redis_client
from app.core.problems import ServiceUnavailable
from app.core.redis_client import slot
from app.inventory import keys, reservations, scripts
from app.inventory.errors import InsufficientStock, PurchaseLimitExceeded, UnknownSku
from app.inventory.terms import Claim, Levels
from dev.ports import free_port
from tests.payments.purchase import purchase

# In the order of their slots, each on another master.
SKUS = ("RING", "EARRING", "NOSERING")
QUARTER_HOUR = 15 * 60 * 1000


@pytest.fixture
def three(shop, redis):
    """Three products of five units each, known to the cluster."""
    for sku in SKUS:
        shop.product(sku.lower(), 5)
        shop.levels(sku.lower())
    return [shop.levels(sku.lower()) for sku in SKUS]


def levels(shop):
    return [shop.levels(sku.lower()) for sku in SKUS]


def claim_of(*units):
    return Claim(uuid4(), "meera", dict(zip(SKUS, units, strict=True)))


def test_the_products_of_these_tests_lie_on_three_masters(redis, cluster):
    slots = [slot(redis, keys.stock(sku)) for sku in SKUS]

    assert slots == sorted(slots)
    assert len({cluster.master_of(number).port for number in slots}) == 3


def test_all_keys_of_one_product_lie_in_one_slot(redis):
    for sku in SKUS:
        assert len({slot(redis, key) for key in keys.of_products([sku])}) == 1


def test_an_order_on_three_masters_is_bought_and_paid_for(shop, redis, three):
    bought = purchase(shop, ring=2, earring=1, nosering=5)
    assert levels(shop) == [Levels(5, 2, 0), Levels(5, 1, 0), Levels(5, 5, 0)]

    bought.tell("payment.captured", bought.pay())
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert levels(shop) == [Levels(3, 0, 0), Levels(4, 0, 0), Levels(0, 0, 0)]
    assert [shop.on_hand(sku.lower()) for sku in SKUS] == [3, 4, 0]


def test_the_time_left_is_that_of_the_orders_own_key(shop, redis, three):
    buyer = shop.customer()
    order = buyer.check_out(ring=1, nosering=1).json

    told = buyer.get(f"/api/v1/orders/{order['id']}/payment-status").json

    assert 890 <= told["seconds_left"] <= 900
    assert 0 < redis.pttl(f"reservation:{{{order['id']}}}") <= QUARTER_HOUR


def test_a_cancelled_order_gives_back_on_all_of_them(shop, redis, three):
    buyer = shop.customer()
    order = buyer.check_out(ring=1, earring=2, nosering=3).json

    assert buyer.post(f"/api/v1/orders/{order['id']}/cancel").status_code == 200

    assert levels(shop) == three
    assert redis.exists(f"reservation:{{{order['id']}}}") == 0


@pytest.mark.parametrize("short", [(6, 1, 1), (1, 6, 1), (1, 1, 6), (6, 1, 9), (6, 6, 6)])
def test_a_refusal_names_every_short_line_and_holds_none(shop, redis, three, short):
    response = shop.customer().check_out(**dict(zip(map(str.lower, SKUS), short, strict=True)))

    assert response.status_code == 409
    assert sorted(line["sku"] for line in response.json["lines"]) == sorted(
        sku for sku, units in zip(SKUS, short, strict=True) if units > 5
    )
    assert {line["available"] for line in response.json["lines"]} == {5}
    assert levels(shop) == three


def test_a_product_that_nobody_has_holds_none_of_the_others(shop, redis, three):
    wanted = Claim(uuid4(), "meera", {"RING": 1, "NOSERING": 1, "NOSUCH": 1})

    with pytest.raises(UnknownSku):
        reservations.reserve(redis, wanted, lifetime_seconds=900)

    assert levels(shop) == three


def test_a_purchase_limit_on_one_of_them_holds_none(shop, redis):
    for sku, limit in zip(SKUS, (0, 0, 2), strict=True):
        shop.product(sku.lower(), 5, purchase_limit=limit)

    with pytest.raises(PurchaseLimitExceeded) as refused:
        reservations.reserve(redis, claim_of(3, 3, 3), lifetime_seconds=900)

    assert refused.value.members == {"lines": [{"sku": "NOSERING", "requested": 3, "allowed": 2}]}
    assert levels(shop) == [Levels(5, 0, 0)] * 3


def test_what_a_caller_took_before_it_died_between_two_slots_runs_out(
    shop, redis, three, monkeypatch
):
    class Killed(BaseException):
        pass

    reserve, calls = scripts._RESERVE, []

    def die_at_the_second(*args):
        calls.append(args)
        if len(calls) == 2:
            raise Killed
        return reserve(*args)

    with monkeypatch.context() as patch:
        patch.setattr(scripts, "_RESERVE", die_at_the_second)
        with pytest.raises(Killed):
            scripts.reserve(redis, claim_of(1, 1, 1), lifetime_ms=QUARTER_HOUR)
    assert levels(shop) == [Levels(5, 1, 0), Levels(5, 0, 0), Levels(5, 0, 0)]

    [member] = redis.zrange(keys.reservations(SKUS[0]), 0, -1)
    redis.zadd(keys.reservations(SKUS[0]), {member: 1})

    assert levels(shop) == three


def test_what_an_unreachable_slot_refused_is_given_back_on_the_others(
    shop, redis, three, monkeypatch
):
    reserve, calls = scripts._RESERVE, []

    def fail_at_the_third(*args):
        calls.append(args)
        if len(calls) == 3:
            raise ServiceUnavailable
        return reserve(*args)

    with monkeypatch.context() as patch:
        patch.setattr(scripts, "_RESERVE", fail_at_the_third)
        with pytest.raises(ServiceUnavailable):
            scripts.reserve(redis, claim_of(1, 1, 1), lifetime_ms=QUARTER_HOUR)

    assert levels(shop) == three


def test_a_repeated_order_that_fails_half_way_keeps_what_it_held_before(
    shop, redis, three, monkeypatch
):
    """Its first call may have been answered: what that took is a promise by now."""
    held = claim_of(1, 1, 1)
    scripts.reserve(redis, held, lifetime_ms=QUARTER_HOUR)
    reserve, calls = scripts._RESERVE, []

    def fail_at_the_third(*args):
        calls.append(args)
        if len(calls) == 3:
            raise ServiceUnavailable
        return reserve(*args)

    with monkeypatch.context() as patch:
        patch.setattr(scripts, "_RESERVE", fail_at_the_third)
        with pytest.raises(ServiceUnavailable):
            scripts.reserve(redis, held, lifetime_ms=QUARTER_HOUR)

    assert levels(shop) == [Levels(5, 1, 0)] * 3


def test_a_late_payment_of_which_one_line_is_gone_commits_none(shop, redis, three):
    late = claim_of(2, 2, 2)
    scripts.reserve(redis, claim_of(1, 1, 4), lifetime_ms=QUARTER_HOUR)

    with pytest.raises(InsufficientStock) as refused:
        scripts.commit(redis, late)

    assert refused.value.members == {"lines": [{"sku": "NOSERING", "requested": 2, "available": 1}]}
    assert levels(shop) == [Levels(5, 1, 0), Levels(5, 1, 0), Levels(5, 4, 0)]


def test_an_extension_moves_the_deadline_on_all_of_them(shop, redis, three):
    held = claim_of(1, 1, 1)
    before = scripts.reserve(redis, held, lifetime_ms=QUARTER_HOUR)

    extended = scripts.extend(redis, held, lifetime_ms=2 * QUARTER_HOUR)

    assert extended.deadline_ms >= before.deadline_ms + QUARTER_HOUR
    for sku in SKUS:
        [(_, deadline)] = redis.zrange(keys.reservations(sku), 0, -1, withscores=True)
        assert deadline >= extended.deadline_ms


def test_a_flushed_node_learns_its_products_again(shop, redis, three):
    bought = shop.customer().check_out(ring=2, nosering=1)
    assert bought.status_code == 201

    redis.flushall(target_nodes=redis.PRIMARIES)

    assert levels(shop) == [Levels(5, 2, 0), Levels(5, 0, 0), Levels(5, 1, 0)]
    assert shop.customer().check_out(nosering=5).status_code == 409


def test_the_sweep_finds_what_ran_out_on_every_node(shop, redis, three):
    scripts.reserve(redis, claim_of(1, 1, 1), lifetime_ms=QUARTER_HOUR)
    for sku in SKUS:
        [member] = redis.zrange(keys.reservations(sku), 0, -1)
        redis.zadd(keys.reservations(sku), {member: 1})

    assert reservations.sweep(redis) == 3

    assert [redis.exists(keys.reservations(sku)) for sku in SKUS] == [0, 0, 0]


def test_the_shop_is_ready_on_a_cluster_and_not_where_no_node_answers(client, redis, server_urls):
    assert client.get("/readyz").json["checks"]["stock_redis"] == "ok"

    nowhere = f"redis+cluster://127.0.0.1:{free_port()},127.0.0.1:{free_port()}"
    redis_client.connect(nowhere)
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["checks"] | {"stock_redis": "unreachable"} == answer.json["checks"]
    assert answer.json["checks"]["postgres"] == "ok"


def test_a_cluster_that_was_away_when_the_process_began_is_found_later(
    shop, client, cluster, redis
):
    shop.product("ring", 3)
    redis_client.connect(f"redis+cluster://127.0.0.1:{free_port()}")
    assert shop.customer().check_out(ring=1).status_code == 503
    assert client.get("/api/v1/products/ring").json["available"] == 3

    redis_client.connect(cluster.url)

    assert shop.customer().check_out(ring=1).status_code == 201
