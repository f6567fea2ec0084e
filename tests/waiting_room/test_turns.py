"""The waiting room as buyers meet it: let in by the order of asking, as many as there are units."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from itsdangerous import URLSafeTimedSerializer

from app.inventory import adjustments
from app.inventory.adjustments import Change
from app.waiting_room import keys, turns
from tests.payments.purchase import purchase, run_out

PATH = "/api/v1/products/ring/waiting-room"


@pytest.fixture
def ring(shop):
    """Two rings that are sold from a waiting room, and chains that are not."""
    shop.product("ring", 2, has_waiting_room=True)
    shop.product("chain", 9)


@pytest.fixture
def people(shop, ring):
    """Four customers, in the order in which they ask."""
    return [shop.customer() for _ in range(4)]


def ask(who, ticket=None):
    answer = who.post(PATH, {} if ticket is None else {"ticket": ticket})
    assert answer.status_code == 200, answer.text
    return answer.json


def state(who):
    return ask(who)["state"]


def refused(answer):
    return (answer.status_code, answer.json["code"], answer.json["lines"]) == (
        409, "admission_needed", [{"sku": "RING"}],
    )  # fmt: skip


def over(redis, name, who, by_ms=1):
    """Let somebody's turn, or their last question, be so far back that it is over."""
    seconds, _ = redis.time()
    redis.zadd(name, {str(who.id): seconds * 1000 - by_ms})


def receive(redis, units):
    adjustments.adjust(
        redis, [Change("RING", "receipt", units, "made")], reference="more", actor="t"
    )


def test_a_product_without_one_is_bought_at_once(shop):
    shop.product("ring", 2)

    assert ask(shop.customer()) == {
        "state": "open", "ahead": None, "wait_seconds": None, "admitted_until": None,
        "ask_again_seconds": None, "ticket": None,
    }  # fmt: skip


def test_as_many_are_let_in_as_there_are_units(people):
    first, second, third, last = people

    assert [state(who) for who in people] == ["admitted", "admitted", "waiting", "waiting"]
    waiting = ask(last)
    assert (waiting["ahead"], waiting["wait_seconds"]) == (1, 60)
    assert 3 <= waiting["ask_again_seconds"] <= 15
    assert refused(third.check_out(ring=1))
    assert first.check_out(ring=1).status_code == 201
    # One unit is left, and it is the second one's turn.
    assert [state(third), state(second)] == ["waiting", "admitted"]
    assert second.check_out(ring=1).status_code == 201
    assert refused(third.check_out(ring=1)) is False, "who is told there is none is told that first"


def test_who_has_bought_waits_again_for_another_one(people):
    first, *_ = people
    ask(first)

    assert first.check_out(ring=1).status_code == 201

    assert refused(first.check_out(ring=1))


def test_one_who_has_not_asked_does_not_get_past_who_waits(people, shop):
    [state(who) for who in people]

    assert refused(shop.customer().check_out(ring=1, chain=1))
    assert shop.levels("chain").reserved == 0
    assert shop.customer().check_out(chain=1).status_code == 201


def test_a_checkout_that_is_sent_again_is_answered_as_before(people):
    first, *_ = people
    ask(first)

    answers = [first.check_out("the key", ring=1) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json["id"] == answers[1].json["id"]


def test_a_turn_that_is_over_is_the_next_ones(people, redis):
    first, second, third, last = people
    [state(who) for who in people]

    over(redis, keys.visitors("RING"), first)

    assert refused(first.check_out(ring=1))
    assert state(last) == "waiting"
    assert state(third) == "admitted"
    # Whoever let it pass stands at the end.
    assert (state(first), ask(first)["ahead"]) == ("waiting", 1)
    assert second.check_out(ring=1).status_code == 201


def test_who_does_not_ask_any_more_has_gone(people, redis):
    _, second, third, last = people
    [state(who) for who in people]

    over(redis, keys.seen("RING"), third, turns.IDLE_SECONDS * 1000 + 1)
    second.delete(PATH)

    assert state(last) == "admitted"
    assert state(third) == "waiting"


def test_who_leaves_makes_room(people):
    first, _, third, last = people
    [state(who) for who in people]

    assert first.delete(PATH).status_code == 204
    assert third.delete(PATH).status_code == 204

    assert state(last) == "admitted"


def test_units_that_are_held_may_come_back_and_those_that_are_sold_do_not(people, shop, redis):
    first, second, third, _ = people
    ask(first), ask(second)
    bought = [purchase(shop, who, ring=1) for who in (first, second)]

    assert state(third) == "waiting"
    for one in bought:
        one.tell("payment.captured", one.pay())
    shop.work()
    assert ask(third) | {"ticket": None} == {
        "state": "sold_out", "ahead": 0, "wait_seconds": None, "admitted_until": None,
        "ask_again_seconds": 15, "ticket": None,
    }  # fmt: skip
    receive(redis, 1)
    assert state(third) == "admitted"


def test_what_runs_out_lets_the_next_one_in(people, shop, session):
    first, second, third, _ = people
    ask(first), ask(second)
    held = [purchase(shop, who, ring=1) for who in (first, second)]
    assert state(third) == "waiting"

    run_out(session, held[0].order_id)

    assert state(third) == "admitted"


def test_a_ticket_has_one_back_at_their_place_when_redis_forgot_everything(people, redis):
    tickets = {who.id: ask(who)["ticket"] for who in people}
    late, early = people[3], people[2]
    redis.flushall()

    # Those who had their turn are not there; the later one asks first.
    assert [ask(who, tickets[who.id])["state"] for who in (late, early)] == ["admitted"] * 2
    redis.flushall()
    receive_none = [ask(people[0])["state"], ask(people[1])["state"]]
    assert receive_none == ["admitted", "admitted"]
    assert ask(late, tickets[late.id])["ahead"] == 0
    assert ask(early, tickets[early.id])["ahead"] == 0
    assert ask(late)["ahead"] == 1


@pytest.mark.parametrize("whose", ["another's", "of another product", "old", "made up", "odd"])
def test_a_ticket_that_is_not_theirs_is_refused_and_takes_no_place(
    people, shop, settings, redis, whose, monkeypatch
):
    secret = settings.secret_key.get_secret_value()
    who, other = people[:2]
    signer = URLSafeTimedSerializer(secret, salt="waiting-room")
    tickets = {
        "another's": signer.dumps(["RING", str(other.id), 1]),
        "of another product": signer.dumps(["CHAIN", str(who.id), 1]),
        "old": signer.dumps(["RING", str(who.id), 1]),
        "made up": "x.y.z",
        "odd": signer.dumps({"RING": 1}),
    }
    if whose == "old":
        monkeypatch.setattr(turns, "TICKET_SECONDS", -1)

    answer = who.post(PATH, {"ticket": tickets[whose]})

    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "#/ticket"
    assert redis.exists(keys.queue("RING"), keys.visitors("RING")) == 0


def test_nobody_is_ahead_of_time_by_a_ticket_of_the_future(people, settings):
    """It cannot be had; if a clock went back, it counts as of now."""
    first, second, third, last = people
    [state(who) for who in (first, second, third)]
    secret = settings.secret_key.get_secret_value()
    ticket = URLSafeTimedSerializer(secret, salt="waiting-room").dumps(
        ["RING", str(last.id), 10**17]
    )

    assert ask(last, ticket)["ahead"] == 1
    assert ask(last)["ahead"] == 1


def test_it_is_switched_on_and_off_for_a_product_at_once(shop):
    shop.product("ring", 1)
    admin, buyer = shop.customer(role="admin"), shop.customer()
    product = "/api/v1/admin/products/RING"

    changed = admin.patch(product, {"revision": 1, "has_waiting_room": True})
    assert changed.json["has_waiting_room"] is True
    assert refused(buyer.check_out(ring=1))
    assert buyer.get("/api/v1/products/ring").json["has_waiting_room"] is True
    admin.patch(product, {"revision": 2, "has_waiting_room": False})

    assert buyer.check_out(ring=1).status_code == 201


def test_a_redis_that_is_told_anew_knows_of_it(shop, people, redis):
    redis.flushall()

    assert refused(people[0].check_out(ring=1))


def test_of_many_who_ask_at_once_no_more_are_let_in_than_there_are_units(shop, ring):
    crowd = [shop.customer() for _ in range(8)]
    together = Barrier(len(crowd))

    def come(who):
        together.wait()
        return state(who)

    with ThreadPoolExecutor(len(crowd)) as pool:
        assert sorted(pool.map(come, crowd)) == ["admitted"] * 2 + ["waiting"] * 6


def test_there_is_no_room_before_a_product_that_there_is_not(shop):
    who = shop.customer()
    for answer in (who.post("/api/v1/products/none/waiting-room", {}),
                   who.delete("/api/v1/products/none/waiting-room")):  # fmt: skip
        assert (answer.status_code, answer.json["code"]) == (404, "product_not_found")
    assert shop.app.test_client().post(PATH).status_code == 401
