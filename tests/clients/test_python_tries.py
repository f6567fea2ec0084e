"""What the Python client tries again, and what it does not."""

import json
from uuid import UUID

import httpx
import pytest
from ora_client import Patience, ProblemError, Shop, refusals
from ora_client.api.catalogue import list_categories
from ora_client.api.checkout import check_out, open_payment
from ora_client.models import Checkout

from tests.clients.conftest import ADDRESS

ORDER = UUID(int=7)


class Line(httpx.BaseTransport):
    """Answers what it is told to, one after another, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def handle_request(self, request):
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def problem(status, code, **headers):
    body = {"type": "about:blank", "title": code, "status": status, "code": code}
    return httpx.Response(
        status, json=body | {"request_id": "r1"},
        headers={name.replace("_", "-"): text for name, text in headers.items()},
    )  # fmt: skip


def categories():
    return httpx.Response(200, json={"items": [{"slug": "rings", "name": "Rings"}]})


def asking(*answers, **options):
    line, slept = Line(*answers), []
    shop = Shop("http://shop.example", transport=line, sleep=slept.append, **options)
    return shop, line, slept


def test_it_comes_back_when_it_is_told_to():
    shop, line, slept = asking(
        problem(503, "overloaded", retry_after="7"),
        problem(429, "too_many_requests", retry_after="11"),
        categories(),
    )

    found = list_categories(shop)

    assert [one.slug for one in found.items] == ["rings"]
    assert slept == [7.0, 11.0]
    assert len(line.asked) == 3


def test_a_checkout_keeps_its_key_through_all_its_tries():
    lost = httpx.ReadTimeout("the answer was lost")
    shop, line, slept = asking(lost, problem(409, "request_in_flight", retry_after="1"), lost,
                               problem(422, "cart_empty"))  # fmt: skip

    with pytest.raises(refusals.CartEmpty):
        check_out(shop, body=Checkout(shipping_address=ADDRESS))

    keys = {request.headers["Idempotency-Key"] for request in line.asked}
    assert (len(line.asked), len(keys)) == (4, 1)
    assert len({request.content for request in line.asked}) == 1
    assert len(slept) == 3


def test_two_checkouts_have_two_keys():
    shop, line, _ = asking(problem(422, "cart_empty"), problem(422, "cart_empty"))

    for _ in range(2):
        with pytest.raises(refusals.CartEmpty):
            check_out(shop, body=Checkout(shipping_address=ADDRESS))

    assert len({request.headers["Idempotency-Key"] for request in line.asked}) == 2


@pytest.mark.parametrize(
    "trouble", [httpx.ReadTimeout("lost"), problem(503, "service_unavailable", retry_after="1")]
)
def test_what_may_have_been_done_is_not_done_twice(trouble):
    shop, line, slept = asking(trouble)

    with pytest.raises((httpx.ReadTimeout, refusals.ServiceUnavailable)):
        open_payment(shop, ORDER)

    assert (len(line.asked), slept) == (1, [])


@pytest.mark.parametrize(
    "trouble", [httpx.ConnectError("nobody listens"), problem(503, "overloaded", retry_after="2")]
)
def test_what_was_surely_not_done_is_tried_again(trouble):
    shop, line, _ = asking(trouble, problem(404, "order_not_found"))

    with pytest.raises(refusals.OrderNotFound):
        open_payment(shop, ORDER)

    assert len(line.asked) == 2


def test_patience_ends_by_number_and_by_time():
    often = [problem(503, "overloaded", retry_after="1") for _ in range(9)]
    shop, line, slept = asking(*often, patience=Patience(tries=3))
    with pytest.raises(refusals.Overloaded):
        list_categories(shop)
    assert (len(line.asked), slept) == (3, [1.0, 1.0])

    shop, line, slept = asking(*often, patience=Patience(tries=9, seconds=2.5))
    with pytest.raises(refusals.Overloaded):
        list_categories(shop)
    assert slept == [1.0, 1.0]


def test_what_is_refused_for_good_is_not_asked_again():
    shop, line, slept = asking(problem(404, "order_not_found"))

    with pytest.raises(ProblemError) as refused:
        open_payment(shop, ORDER)

    assert (refused.value.code, len(line.asked), slept) == ("order_not_found", 1, [])


def test_what_stands_before_the_shop_may_answer_in_another_form():
    shop, _, _ = asking(httpx.Response(404, text="<h1>no such host</h1>"))

    with pytest.raises(ProblemError) as refused:
        list_categories(shop)

    assert (refused.value.status, refused.value.code) == (404, "unknown")


def test_an_answer_that_nobody_documented_is_no_answer():
    shop, _, _ = asking(httpx.Response(299, json={}))

    with pytest.raises(ProblemError) as refused:
        list_categories(shop)

    assert refused.value.code == "undocumented"


def test_a_code_of_tomorrow_is_a_problem_all_the_same():
    shop, _, _ = asking(problem(409, "not_yet_invented"))

    with pytest.raises(ProblemError) as refused:
        list_categories(shop)

    assert type(refused.value) is ProblemError
    assert json.loads(refused.value.response.content)["code"] == refused.value.code
