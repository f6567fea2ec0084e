"""Whoever guesses is slowed down, and told so."""

from uuid import uuid4

import pytest

from app import create_app
from app.core import limits
from app.core.problems import TooManyRequests
from app.payments import gateway as gateways
from dev.ports import free_port
from tests.builders import PASSWORD


@pytest.fixture
def counting(app, settings):
    """Make an app that counts; the connections of the other tests are put back afterwards."""
    before, offered = gateways.all_gateways(), gateways.offered()

    def make(**changed):
        made = create_app(settings.model_copy(update={"rate_limits": "on"} | changed))
        return made.test_client()

    yield make
    # Which switches it off again for all apps of this process.
    create_app(settings)
    gateways.connect(before, offered=offered)


@pytest.fixture
def limited(counting):
    return counting()


def login(client, email="meera@example.com", **headers):
    body = {"email": email, "password": PASSWORD}
    return client.post("/api/v1/auth/login", json=body, headers=headers)


def test_an_account_is_tried_ten_times_and_the_answer_counts_down(limited):
    answers = [login(limited) for _ in range(11)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    left = [int(answer.headers["RateLimit-Remaining"]) for answer in answers]
    assert left == [*range(9, -1, -1), 0]
    refused = answers[-1]
    assert refused.mimetype == "application/problem+json"
    assert refused.json["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 15 * 60
    assert refused.headers["RateLimit-Limit"] == "10"
    # In whatever letters it is written, and from wherever.
    assert login(limited, "MEERA@example.com").status_code == 429
    assert login(limited, "asha@example.com").status_code == 401


def test_an_address_is_slowed_down_whomever_it_tries(limited):
    answers = [login(limited, f"{number}@example.com") for number in range(31)]

    assert [answer.status_code for answer in answers] == [401] * 30 + [429]


def test_nobody_is_believed_who_says_to_be_somebody_else(limited):
    answers = [
        login(limited, f"{number}@example.com", **{"X-Forwarded-For": f"10.0.0.{number}"})
        for number in range(31)
    ]

    assert answers[-1].status_code == 429


def test_a_proxy_that_is_trusted_is_believed(counting):
    client = counting(trusted_proxies=1)
    answers = [
        login(client, f"{number}@example.com", **{"X-Forwarded-For": f"10.0.0.{number}"})
        for number in range(31)
    ]

    assert {answer.status_code for answer in answers} == {401}


def test_without_redis_each_process_counts_by_itself(counting):
    client = counting(queue_redis_url=f"redis://127.0.0.1:{free_port()}/0")
    answers = [login(client, f"{number}@example.com") for number in range(31)]

    assert [answer.status_code for answer in answers] == [401] * 30 + [429]


def test_a_code_of_a_second_factor_is_tried_fifty_times_a_day(limited):
    account, other = uuid4(), uuid4()
    for _ in range(50):
        limits.count_code(account)

    with pytest.raises(TooManyRequests) as refused:
        limits.count_code(account)

    assert refused.value.retry_after > 15 * 60
    limits.count_code(other)


def test_what_buyers_wait_for_is_not_counted(limited):
    answers = [limited.get("/api/v1/products") for _ in range(40)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Limit" not in answers[0].headers


def test_coupons_are_guessed_thirty_times_by_whichever_way_and_nothing_else_is_counted(
    shop, limited
):
    shop.product("ring", 50)
    buyers = [shop.customer(), shop.customer()]

    def guess(buyer, path, **more):
        body = {"lines": [{"sku": "RING", "quantity": 1}]} | more
        headers = buyer.headers | {"Idempotency-Key": f"{more}"}
        return limited.post(path, json=body, headers=headers).status_code

    ways = ["/api/v1/checkout/quote", "/api/v1/checkout"]
    answers = [
        guess(buyers[0], ways[number % 2], coupon_code=f"GUESS-{number}") for number in range(31)
    ]

    assert answers == [422] * 30 + [429]
    assert guess(buyers[0], ways[0]) == 200
    assert guess(buyers[1], ways[0], coupon_code="GUESS-1") == 422
