"""The traps of Razorpay's SDK and of its lists, each of them closed."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier
from types import SimpleNamespace
from uuid import uuid4

import certifi
import pytest
import requests
import stamina
from requests.adapters import HTTPAdapter

import sandbox
from app.payments import calls, razorpay
from app.payments.errors import GatewayRefused, GatewayUnavailable
from app.payments.gateway import gateway as gateway_named
from app.payments.razorpay import Razorpay
from app.payments.terms import AttemptNews
from tests.payments.wire import wire_to

KEY_PAIR = ("rzp_test_ora_development", "ora_development_key_secret")
PATIENCE_SECONDS = 60
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
# One for each test that asks for it, since the gateway's books are never emptied.
NOONS = (datetime(2040, 1, 1, 12, tzinfo=UTC) + timedelta(days=day) for day in count())
AUTHORIZED = AttemptNews(
    "order_9A33XWu170gUtm", "pay_29QQoUBi66xm2f", "authorized", 50_000, "INR", "upi"
)

# Every call to Razorpay that there is.
CALLS = {
    "open": lambda api: api.open(receipt=str(uuid4()), amount=1_999, currency="INR"),
    "attempts": lambda api: api.attempts("order_9A33XWu170gUtm"),
    "attempt": lambda api: api.attempt("pay_29QQoUBi66xm2f"),
    "capture": lambda api: api.capture(AUTHORIZED),
    "refund": lambda api: api.refund(
        "pay_29QQoUBi66xm2f", amount=100, speed="normal", key=str(uuid4())
    ),
    "refunds": lambda api: api.refunds("pay_29QQoUBi66xm2f"),
    "attempts_between": lambda api: list(api.attempts_between(NOON, NOON + timedelta(days=1))),
    "refunds_between": lambda api: list(api.refunds_between(NOON, NOON + timedelta(days=1))),
}
# What it does without asking anybody.
BY_ITSELF = {"close", "for_the_payer", "is_authentic", "open_envelope", "read_event"}


@contextmanager
def client(url):
    key_id, key_secret = KEY_PAIR
    opened = Razorpay(key_id=key_id, key_secret=key_secret, base_url=url, is_capture_manual=True)
    yield opened
    opened.close()


@pytest.fixture
def api(app):
    return gateway_named("razorpay")


@pytest.fixture
def wire(app, gateway):
    with wire_to(gateway.url) as wire:
        yield wire


@pytest.fixture
def by_wire(wire):
    with client(wire.url) as opened:
        yield opened


@pytest.fixture
def silent(app):
    """A gateway that takes what is sent and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        with client(f"http://127.0.0.1:{listener.getsockname()[1]}") as opened:
            opened.listener = listener
            yield opened


def authorized(gateway, api, amount=50_000):
    """Have a payer authorise an amount that the shop is to capture."""
    order_id = api.open(receipt=str(uuid4()), amount=amount, currency="INR")
    paid = gateway.pay(order_id, "authorized")["razorpay_payment_id"]
    return AttemptNews(order_id, paid, "authorized", amount, "INR")


def test_every_call_to_razorpay_is_known_here():
    public = {name for name, kind in vars(Razorpay).items() if callable(kind) and name[0] != "_"}

    assert public == CALLS.keys() | BY_ITSELF


@pytest.mark.parametrize("ask", CALLS.values(), ids=CALLS)
def test_a_gateway_that_says_nothing_is_given_up(silent, monkeypatch, ask):
    monkeypatch.setattr(razorpay, "TIMEOUT_SECONDS", (1, 0.05))

    with stamina.set_testing(True, attempts=1), pytest.raises(GatewayUnavailable) as given_up:
        ask(silent)

    assert isinstance(given_up.value.__cause__, requests.ReadTimeout)


def test_nobody_waits_for_a_second_time_out(silent, monkeypatch):
    monkeypatch.setattr(razorpay, "TIMEOUT_SECONDS", (1, 0.2))
    monkeypatch.setattr(calls, "NOT_AFTER_SECONDS", 0.1)

    with pytest.raises(GatewayUnavailable):
        silent.attempt("pay_29QQoUBi66xm2f")

    connection, _ = silent.listener.accept()
    connection.close()
    with pytest.raises(BlockingIOError):
        silent.listener.accept()


def test_a_call_ends_well_before_the_web_process_would_end_it():
    connect, read = razorpay.TIMEOUT_SECONDS

    assert connect + read + calls.NOT_AFTER_SECONDS < 30


@pytest.mark.parametrize("more", [{}, {"id": 7, "items": {}}], ids=["nothing", "no list"])
@pytest.mark.parametrize("ask", CALLS.values(), ids=CALLS)
def test_an_answer_without_what_was_asked_for_is_none(wire, by_wire, ask, more):
    # A payment without an order is none of the shop's, which would be an answer.
    answer = json.dumps({"order_id": "order_9A33XWu170gUtm", **more}).encode()
    wire.answer = lambda _: (200, "application/json", answer)

    with pytest.raises(GatewayUnavailable):
        ask(by_wire)

    assert len(wire.heard) == 1


@pytest.mark.parametrize("ask", [CALLS["attempt"], CALLS["open"]], ids=["a question", "an order"])
def test_a_connection_that_went_while_nobody_looked_is_replaced(gateway, wire, by_wire, ask):
    authorized(gateway, by_wire)
    wire.is_impatient = True

    ask(by_wire)

    # The first one was dropped when it was used for the third time.
    assert (wire.is_impatient, wire.connections[0], len(wire.connections)) == (False, 2, 2)


def test_a_refund_over_a_connection_that_went_is_one_refund(gateway, wire, by_wire):
    tried = authorized(gateway, by_wire)
    by_wire.capture(tried)
    wire.is_impatient = True

    told = by_wire.refund(tried.gateway_payment_id, amount=20_000, speed="normal", key=str(uuid4()))

    assert wire.connections == [3, 1]
    assert by_wire.refunds(tried.gateway_payment_id) == [told]


def test_one_connection_is_used_again_and_again(gateway, wire, by_wire):
    tried = authorized(gateway, by_wire)

    by_wire.capture(tried)
    by_wire.attempt(tried.gateway_payment_id)

    assert wire.connections == [4]


def test_a_capture_is_of_the_whole_amount_in_its_currency(gateway, wire, by_wire):
    tried = authorized(gateway, by_wire)

    told = by_wire.capture(tried)

    assert wire.heard[-1].body == {"amount": 50_000, "currency": "INR"}
    assert (told.status, told.amount) == ("captured", 50_000)
    assert gateway.payment(tried.gateway_payment_id)["captured"] is True


def in_step(resource, capture):
    """Make two captures, each of which has said its amount when either is sent."""
    both, post = Barrier(2), resource.post_url

    def post_together(*args, **options):
        both.wait(PATIENCE_SECONDS)
        return post(*args, **options)

    resource.post_url = post_together
    with ThreadPoolExecutor(2) as pool:
        made = [pool.submit(capture, 50_000), pool.submit(capture, 70_000)]
    return [future.exception() for future in made]


def test_two_captures_at_once_are_of_their_own_amounts(gateway, wire, by_wire):
    tries = {amount: authorized(gateway, by_wire, amount) for amount in (50_000, 70_000)}
    wire.heard.clear()

    failures = in_step(by_wire._client.payment, lambda amount: by_wire.capture(tries[amount]))

    assert failures == [None, None]
    assert sorted(said.body["amount"] for said in wire.heard) == [50_000, 70_000]


def test_as_the_sdk_would_have_it_one_of_them_is_of_the_others_amount(gateway, wire, by_wire):
    ids = {amount: authorized(gateway, by_wire, amount) for amount in (50_000, 70_000)}
    wire.heard.clear()
    payment = by_wire._client.payment

    in_step(payment, lambda amount: payment.capture(ids[amount].gateway_payment_id, amount))

    [amount] = {said.body["amount"] for said in wire.heard}
    assert amount in ids


def test_what_is_captured_already_is_captured(gateway, by_wire):
    tried = authorized(gateway, by_wire)
    first = by_wire.capture(tried)

    assert by_wire.capture(tried) == first


def test_a_capture_whose_answer_was_lost_is_captured(gateway, by_wire):
    tried = authorized(gateway, by_wire)
    gateway.fault(route="payments.capture", reset_after=True, next_n=1)

    assert by_wire.capture(tried).status == "captured"


def test_what_was_given_back_is_not_captured(gateway, by_wire):
    tried = authorized(gateway, by_wire)
    lapse = f"{gateway.url}/sandbox/payments/{tried.gateway_payment_id}/lapse"
    requests.post(lapse, timeout=10).raise_for_status()

    with pytest.raises(GatewayRefused, match="authorized and not yet captured"):
        by_wire.capture(tried)

    assert by_wire.attempt(tried.gateway_payment_id).status == "lapsed"


def test_a_payment_that_nobody_made_is_not_captured(api):
    with pytest.raises(GatewayRefused, match="does not exist"):
        api.capture(AUTHORIZED)


def test_the_authorities_are_those_of_today(app, monkeypatch):
    trusted = []

    class Line(HTTPAdapter):
        def send(self, *_, verify, **__):
            trusted.append(verify)
            raise requests.ConnectionError

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/of/somebody/else.pem")
    with client("https://api.razorpay.com") as api, stamina.set_testing(True, attempts=1):
        api._session.mount("https://", Line())
        with pytest.raises(GatewayUnavailable):
            api.attempt("pay_29QQoUBi66xm2f")

    assert trusted == [certifi.where()]


@pytest.fixture
def at_noon(monkeypatch):
    """Let the gateway write one time on all that it makes, or another."""

    def set_clock(moment):
        clock = SimpleNamespace(time=moment.timestamp)
        monkeypatch.setattr(sandbox.payments, "time", clock)
        monkeypatch.setattr(sandbox.refunds, "time", clock)

    noon = next(NOONS)
    set_clock(noon)
    return SimpleNamespace(noon=noon, set_clock=set_clock)


def test_more_tries_than_fit_on_a_page_are_told_each_once(gateway, wire, by_wire, at_noon):
    order_id = by_wire.open(receipt=str(uuid4()), amount=1_999, currency="INR")
    made = {gateway.pay(order_id, "failed")["razorpay_payment_id"] for _ in range(101)}
    wire.heard.clear()

    told = list(by_wire.attempts_between(at_noon.noon, at_noon.noon + timedelta(hours=1)))

    assert sorted(one.gateway_payment_id for one in told) == sorted(made)
    since = int(at_noon.noon.timestamp())
    page = f"from={since}&to={since + 3_599}&count=100"
    assert [said.path for said in wire.heard] == [
        f"/v1/payments?{page}&skip=0",
        f"/v1/payments?{page}&skip=100",
    ]


def test_more_refunds_than_fit_on_a_page_are_told_each_once(gateway, api, at_noon):
    order_id = api.open(receipt=str(uuid4()), amount=50_000, currency="INR")
    payment_id = gateway.pay(order_id)["razorpay_payment_id"]
    address = f"{gateway.url}/v1/payments/{payment_id}/refund"
    for _ in range(101):
        requests.post(address, json={"amount": 100}, auth=KEY_PAIR, timeout=10).raise_for_status()
    made = sorted(r["id"] for r in gateway.books()["refunds"] if r["payment_id"] == payment_id)

    of_payment = api.refunds(payment_id)
    of_day = list(api.refunds_between(at_noon.noon, at_noon.noon + timedelta(hours=1)))

    assert sorted(one.gateway_refund_id for one in of_payment) == made
    assert sorted(one.gateway_refund_id for one in of_day) == made


def test_a_time_begins_with_its_first_second_and_ends_before_its_last(gateway, api, at_noon):
    order_id = api.open(receipt=str(uuid4()), amount=1_999, currency="INR")
    made = []
    for second in (-1, 0, 59, 60):
        at_noon.set_clock(at_noon.noon + timedelta(seconds=second))
        made.append(gateway.pay(order_id, "failed")["razorpay_payment_id"])

    told = api.attempts_between(at_noon.noon, at_noon.noon + timedelta(minutes=1))

    assert sorted(one.gateway_payment_id for one in told) == sorted(made[1:3])


def test_one_entity_that_cannot_be_read_hides_no_other(gateway, wire, by_wire):
    tried = authorized(gateway, by_wire)
    told = by_wire.attempts(tried.gateway_order_id)
    listed = requests.get(
        f"{gateway.url}/v1/orders/{tried.gateway_order_id}/payments", auth=KEY_PAIR, timeout=10
    ).json()["items"]
    strange = [None, {}, {"order_id": "order_9A33XWu170gUtm"}, listed[0] | {"status": "on its way"}]
    without_order = listed[0] | {"order_id": None}
    items = json.dumps({"items": [*strange, without_order, *listed]})
    wire.answer = lambda _: (200, "application/json", items.encode())

    assert by_wire.attempts(tried.gateway_order_id) == told
