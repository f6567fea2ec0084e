"""The Stripe account with the real package as its client; other files use its ``Account``."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import requests
import stripe

from sandbox.config import BadSettingError
from sandbox.stripe.account import attach
from sandbox.stripe.settings import StripeSettings

KEY = "sk_test_tests_of_the_sandbox"
WEBHOOK_SECRET = "whsec_tests"


@dataclass
class Account:
    """One empty account and ways to speak to it."""

    client: stripe.StripeClient
    url: str
    shop: Any
    parts: Any

    @property
    def v1(self) -> Any:
        return self.client.v1

    def call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        arguments.setdefault("headers", {"Authorization": f"Bearer {KEY}"})
        return requests.request(method, self.url + path, timeout=10, **arguments)

    def drive(self, path: str, **body: Any) -> dict[str, Any]:
        response = self.call("POST", f"/sandbox/{path}", json=body, headers={})
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, path: str, **body: Any) -> dict[str, Any]:
        response = self.call("POST", f"/sandbox/{path}", json=body, headers={})
        assert response.status_code in {400, 404}, response.text
        return response.json()["error"]

    def intent(self, amount: int = 50000, **more: Any) -> Any:
        return self.v1.payment_intents.create({"amount": amount, "currency": "inr", **more})

    def pay(self, intent: Any, outcome: str = "captured", deliver: str = "none") -> Any:
        told = self.drive("pay", payment_intent=intent.id, outcome=outcome, deliver=deliver)
        return self.v1.charges.retrieve(told["charge"])

    def paid(self, amount: int = 50000, **more: Any) -> Any:
        return self.pay(self.intent(amount, **more))

    def books(self) -> dict[str, Any]:
        return self.call("GET", "/sandbox/books", headers={}).json()

    def told(self) -> list[str]:
        return [entry["type"] for entry in self.books()["events"]]

    def event(self, received: Any) -> stripe.Event:
        header = received.headers["Stripe-Signature"]
        return stripe.Webhook.construct_event(received.body, header, WEBHOOK_SECRET)

    def events(self, count: int) -> list[stripe.Event]:
        return [self.event(received) for received in self.shop.take(count)]


@contextmanager
def open_account(sandbox: Any, shop: Any) -> Iterator[Account]:
    settings = StripeSettings(secret_key=KEY, webhook_secret=WEBHOOK_SECRET, webhook_url=shop.url)
    parts = attach(sandbox.app, settings)
    stripe.enable_telemetry = False
    http_client = stripe.RequestsClient(timeout=10)
    url = f"{sandbox.url}/stripe"
    client = stripe.StripeClient(
        KEY, base_addresses={"api": url}, max_network_retries=0, http_client=http_client
    )
    yield Account(client, url, shop, parts)
    http_client.close()


@pytest.fixture
def account(sandbox, shop):
    with open_account(sandbox, shop) as opened:
        yield opened


def test_an_intent_is_made_as_it_was_asked_for(account):
    intent = account.intent(
        49900,
        metadata={"order": "7", "shop": "ora"},
        payment_method_types=["card"],
        description="A ring",
    )

    assert intent.id.startswith("pi_")
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert (intent.object, intent.livemode) == ("payment_intent", False)
    assert (intent.amount, intent.amount_received, intent.currency) == (49900, 0, "inr")
    assert intent.metadata.to_dict() == {"order": "7", "shop": "ora"}
    assert (intent.status, intent.capture_method) == ("requires_payment_method", "automatic_async")
    assert (intent.payment_method_types, intent.automatic_payment_methods) == (["card"], None)
    assert account.v1.payment_intents.retrieve(intent.id) == intent


def test_without_types_the_payment_methods_are_automatic(account):
    intent = account.intent(automatic_payment_methods={"enabled": True})

    assert intent.automatic_payment_methods.enabled is True
    assert intent.payment_method_types == ["card"]


def test_a_key_opens_as_a_user_name_too(account):
    path = f"/v1/payment_intents/{account.intent().id}"

    assert account.call("GET", path, headers={}, auth=(KEY, "")).status_code == 200


def test_a_wrong_key_is_told_but_not_written_out(account):
    client = stripe.StripeClient(
        "sk_test_of_somebody_else", base_addresses={"api": account.url}, max_network_retries=0
    )

    with pytest.raises(stripe.AuthenticationError, match=r"sk_test_\*\*\*\*else") as refusal:
        client.v1.payment_intents.retrieve("pi_1")
    assert refusal.value.http_status == 401


def test_no_key_at_all_is_unauthorized(account):
    response = account.call("GET", "/v1/charges", headers={})

    assert response.status_code == 401
    assert response.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({"currency": "inr"}, "parameter_missing", "amount"),
        ({"amount": 500}, "parameter_missing", "currency"),
        ({"amount": "5.5", "currency": "inr"}, "parameter_invalid_integer", "amount"),
        ({"amount": -5, "currency": "inr"}, "parameter_invalid_integer", "amount"),
        ({"amount": 49, "currency": "inr"}, "amount_too_small", "amount"),
        ({"amount": 10**9, "currency": "inr"}, "amount_too_large", "amount"),
        ({"amount": 500, "currency": "xxx"}, None, "currency"),
        ({"amount": 500, "currency": "inr", "capture_method": "x"}, None, "capture_method"),
        ({"amount": 500, "currency": "inr", "colour": "red"}, "parameter_unknown", "colour"),
        (
            {"amount": 500, "currency": "inr", "metadata": {"k": "v" * 501}},
            None,
            "metadata[k]",
        ),
    ],
)
def test_a_parameter_of_no_use_is_named(account, body, code, param):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        account.v1.payment_intents.create(body)

    assert refusal.value.http_status == 400
    assert (refusal.value.code, refusal.value.param) == (code, param)
    assert account.books()["payment_intents"] == []


@pytest.mark.parametrize("kind", ["payment_intent", "charge", "refund"])
def test_an_unknown_id_is_not_found(account, kind):
    with pytest.raises(stripe.InvalidRequestError, match=f"No such {kind}: 'xx_1'") as refusal:
        getattr(account.v1, f"{kind}s").retrieve("xx_1")

    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")
    assert refusal.value.request_id.startswith("req_")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/nothing"), ("PUT", "/v1/charges"), ("GET", "/nothing")]
)
def test_an_unknown_address_is_an_error_object(account, method, path):
    response = account.call(method, path)

    assert response.status_code == 404
    assert response.json()["error"]["message"].startswith(f"Unrecognized request URL ({method}: ")


def test_a_list_has_the_newest_first_and_goes_on_after_an_id(account):
    made = [account.intent().id for _ in range(5)]

    first = account.v1.payment_intents.list({"limit": 2})
    second = account.v1.payment_intents.list({"limit": 2, "starting_after": made[3]})
    before = account.v1.payment_intents.list({"limit": 2, "ending_before": made[1]})

    assert ([one.id for one in first.data], first.has_more) == ([made[4], made[3]], True)
    assert [one.id for one in second.data] == [made[2], made[1]]
    assert ([one.id for one in before.data], before.has_more) == ([made[3], made[2]], True)
    assert [one.id for one in first.auto_paging_iter()] == made[::-1]


def test_a_list_is_of_a_time(account, monkeypatch):
    moments = iter((1000, 2000, 3000))
    monkeypatch.setattr("sandbox.stripe.objects.now", lambda: next(moments))
    _, second, third = (account.intent().id for _ in range(3))

    def listed(**created):
        return [one.id for one in account.v1.payment_intents.list({"created": created}).data]

    assert listed(gte=2000) == [third, second]
    assert listed(gt=1000, lt=3000) == [second]
    assert listed(lte=2000, gte=2000) == [second]
    assert [one.id for one in account.v1.payment_intents.list({"created": 3000}).data] == [third]


@pytest.mark.parametrize(
    ("params", "param"),
    [
        ({"limit": 101}, "limit"),
        ({"limit": 0}, "limit"),
        ({"created": {"gte": "x"}}, "created[gte]"),
        ({"created": {"about": 5}}, "created[about]"),
        ({"created": {"gte": 10**30}}, "created[gte]"),
        ({"starting_after": "ch_1"}, "starting_after"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_list_that_cannot_be_is_refused(account, params, param):
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        account.v1.charges.list(params)

    assert (refusal.value.http_status, refusal.value.param) == (400, param)


def test_an_id_is_shown_in_full_where_that_is_asked_for(account):
    charge = account.paid()

    intent = account.v1.payment_intents.retrieve(
        charge.payment_intent, {"expand": ["latest_charge"]}
    )
    listed = account.v1.charges.list({"expand": ["data.payment_intent"]})

    assert intent.latest_charge == charge
    assert listed.data[0].payment_intent.id == intent.id
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        account.v1.charges.list({"expand": ["data.customer"]})


@pytest.mark.parametrize("name", ["a[", "a]b", "[a]", "a[b]c", "metadata", "metadata[a][b]"])
def test_no_name_of_a_parameter_breaks_it(account, name):
    data = {"amount": "500", "currency": "inr", name: "1"}
    response = account.call("POST", "/v1/payment_intents", data=data)

    assert response.status_code == 400
    assert response.json()["error"]["message"]


def test_a_body_that_is_no_form_has_nothing_in_it(account):
    response = account.call("POST", "/v1/payment_intents", json={"amount": 500})

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "parameter_missing"


def test_a_bug_is_a_server_error_and_not_a_page(account, monkeypatch):
    monkeypatch.setattr("sandbox.stripe.intents.create", lambda *_: 1 / 0)

    with pytest.raises(stripe.APIError) as refusal:
        account.intent()
    assert (refusal.value.http_status, refusal.value.error.type) == (500, "api_error")


def test_another_sandbox_has_another_account(account, start_sandbox):
    account.intent()

    start_sandbox()

    assert account.books()["payment_intents"] == []


def test_a_restart_keeps_the_books(account, start_sandbox, tmp_path):
    start_sandbox(database=str(tmp_path / "books"))
    charge = account.paid()

    start_sandbox(database=str(tmp_path / "books"))

    assert account.v1.charges.retrieve(charge.id) == charge


def test_the_books_tell_every_event_with_its_body(account):
    charge = account.paid()

    books = account.books()

    assert [one["id"] for one in books["charges"]] == [charge.id]
    entry = books["events"][0]
    assert (entry["type"], entry["state"], entry["attempts"]) == ("charge.succeeded", "dropped", 0)
    assert json.loads(entry["body"])["data"]["object"]["id"] == charge.id


def test_the_settings_come_from_the_environment():
    environment = {
        "STRIPE_SECRET_KEY": "sk_test_1",
        "STRIPE_WEBHOOK_SECRET": "",
        "SANDBOX_STRIPE_WEBHOOK_URL": "https://shop.example/hooks",
    }

    settings = StripeSettings.from_environment(environment)

    assert (settings.secret_key, settings.webhook_url) == (
        "sk_test_1",
        "https://shop.example/hooks",
    )
    assert settings.webhook_secret == "whsec_ora_development_secret"
    with pytest.raises(BadSettingError, match="SANDBOX_STRIPE_WEBHOOK_URL"):
        StripeSettings.from_environment({"SANDBOX_STRIPE_WEBHOOK_URL": "nowhere"})


JUNK = [None, 0, -1, 1.5, True, "", "x", [], ["a"], {}, {"a": 1}, 10**30, "\x00", "\u20b9"]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("pay", ("payment_intent", "outcome", "deliver")),
        ("disputes", ("charge", "amount", "deliver")),
        ("payouts", ("amount", "currency", "deliver")),
        ("refunds/re_1", ("status",)),
        ("disputes/dp_1", ("status",)),
        ("faults", ("route", "refund_status", "latency_ms", "next_n")),
    ],
)
def test_no_value_of_any_field_breaks_the_driver(account, path, fields):
    known = {"payment_intent": account.intent().id, "charge": account.paid().id}
    for field in fields:
        for value in JUNK:
            body = {name: known[name] for name in fields if name in known} | {field: value}
            response = account.call("POST", f"/sandbox/{path}", json=body, headers={})

            assert response.status_code in {200, 400, 404}, (body, response.text)
            if response.status_code != 200:
                assert response.json()["error"]["message"]


@pytest.mark.parametrize("path", ["payment_intents", "refunds", "payment_intents/{}/capture"])
def test_no_value_of_any_field_breaks_a_call(account, path):
    known = {"amount": "100", "currency": "inr"} if path == "payment_intents" else {}
    path = f"/v1/{path.format(account.intent().id)}"
    names = ("amount", "currency", "metadata[a]", "metadata", "payment_method_types[]", "charge")
    for name in (*names, "amount_to_capture", "shipping", "expand[]", "automatic_payment_methods"):
        for value in ("", "x", "-1", "1.5", "9" * 30, "\x00", "\u20b9", "\u0661"):
            response = account.call("POST", path, data=known | {name: value})

            assert response.status_code in {200, 400, 404}, (name, value, response.text)
