"""
What every call of the API goes through: the key, the faults, the idempotency, the work.

A call is one transaction. What it answered is kept under its idempotency key, a refusal
too unless a parameter was of no use.
"""

import hmac
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from flask import Blueprint, Response, g, jsonify, make_response, request

from sandbox.faults import Switches
from sandbox.mishaps import ConnectionDroppedError
from sandbox.stripe.account import account
from sandbox.stripe.errors import (
    BadParameterError,
    StripeError,
    key_in_use,
    key_of_another,
    no_key,
    server_error,
    too_many_requests,
    wrong_key,
)
from sandbox.stripe.events import API_VERSION, Event
from sandbox.stripe.form import Form, nested
from sandbox.stripe.ledger import Ledger, Object
from sandbox.stripe.objects import new_id, now

View = Callable[..., Object]

KEY_HEADER = "Idempotency-Key"
LONGEST_KEY = 255

# The fields that hold the id of an object which can be shown in full instead.
EXPANDABLE = {"charge": "charge", "latest_charge": "charge", "payment_intent": "payment_intent"}

# The calls that can have faults.
names: list[str] = []


def call(
    blueprint: Blueprint, name: str, method: str, rule: str, fields: tuple[str, ...] = ()
) -> Callable[[View], View]:
    """Serve a view that takes the ledger, the form of these fields and the ids of the rule."""
    names.append(name)

    def register(view: View) -> View:
        @wraps(view)
        def answer(**ids: str) -> Response:
            _authenticate()
            with _claimed(_idempotency_key()) as key:
                return _faulty(account().faults.take(name), lambda: _answer(view, fields, ids, key))

        blueprint.add_url_rule(rule, name.replace(".", "_"), answer, methods=[method])
        return view

    return register


def switch(name: str) -> Any:
    """Return a fault of the call that is being answered, or None."""
    return g.stripe_switches.get(name)


def tell(ledger: Ledger, events: list[Event]) -> None:
    """Tell the shop of what the call that is being answered has done."""
    caused_by = {"id": _request_id(), "idempotency_key": request.headers.get(KEY_HEADER)}
    account().webhooks.announce(ledger, events, request=caused_by)


def with_headers(response: Response) -> Response:
    """Add what every answer of Stripe carries."""
    response.headers["Request-Id"] = _request_id()
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", API_VERSION)
    if key := request.headers.get(KEY_HEADER):
        response.headers[KEY_HEADER] = key
    return response


def _request_id() -> str:
    if "stripe_request_id" not in g:
        g.stripe_request_id = new_id("req")
    found: str = g.stripe_request_id
    return found


def _authenticate() -> None:
    """Let only the holder of the secret key in, by bearer token or as a user without password."""
    given = request.authorization
    key = None if given is None else given.token or given.username
    if not key:
        raise no_key()
    if not hmac.compare_digest(key.encode(), account().settings.secret_key.encode()):
        raise wrong_key(key)


def _idempotency_key() -> str | None:
    key = request.headers.get(KEY_HEADER) if request.method == "POST" else None
    if key and len(key) > LONGEST_KEY:
        raise BadParameterError(f"Idempotency keys can have up to {LONGEST_KEY} characters.")
    return key or None


@contextmanager
def _claimed(key: str | None) -> Iterator[str | None]:
    """Let one request at a time use an idempotency key, for as long as it takes."""
    if key is None:
        yield None
        return
    claims = account().keys_in_progress
    if not claims.claim(key):
        raise key_in_use(key)
    try:
        yield key
    finally:
        claims.release(key)


def _faulty(switches: Switches, answer: Callable[[], Response]) -> Response:
    """Answer as the faults of this call want it."""
    g.stripe_switches = switches
    time.sleep(switches.get("latency_ms", 0) / 1000)
    if switches.get("html_502"):
        page = "<html><head><title>502 Bad Gateway</title></head><body>502</body></html>"
        return make_response(page, 502)
    if switches.get("json_500"):
        raise server_error()
    if switches.get("too_many_requests"):
        raise too_many_requests()
    hang_ms = switches.get("hang_ms", 0)
    if switches.get("reset_after"):
        try:
            answer()
        except StripeError:
            # A refusal is lost in the same way.
            return _dropped(hang_ms)
        return _dropped(hang_ms)
    return _dropped(hang_ms) if hang_ms else answer()


def _dropped(milliseconds: int) -> Response:
    """Keep the client waiting, and then break off in the middle of an answer."""
    # A body left unread would keep the server from closing the connection.
    request.get_data()
    time.sleep(milliseconds / 1000)
    response = Response(_broken_off(f"{request.method} {request.path}"))
    # More than will ever come, so that no client takes it for a whole answer.
    response.content_length = 1
    return response


def _broken_off(what: str) -> Iterator[bytes]:
    yield b""
    raise ConnectionDroppedError(f"The answer to {what} is lost, as a fault asks")


def _answer(view: View, fields: tuple[str, ...], ids: dict[str, str], key: str | None) -> Response:
    """Do the work, unless this key has had it done."""
    if key and (earlier := _earlier(key)):
        response = make_response(jsonify(earlier["answer"]), earlier["status"])
        response.headers["Idempotent-Replayed"] = "true"
        return response
    try:
        with account().transaction() as ledger:
            form, expand = _form(fields)
            body = _expanded(ledger, view(ledger, form, **ids), expand)
            _remember(ledger, key, body, 200)
    except BadParameterError:
        raise
    except StripeError as error:
        with account().transaction() as ledger:
            _remember(ledger, key, error.body, error.status)
        raise
    return make_response(jsonify(body))


def _params() -> list[tuple[str, str]]:
    sent = request.form if request.method == "POST" else request.args
    return list(sent.items(multi=True))


def _form(fields: tuple[str, ...]) -> tuple[Form, list[str]]:
    form = Form(nested(_params()), (*fields, "expand"))
    return form, form.words("expand")


def _earlier(key: str) -> Object | None:
    """
    Return what was answered to an idempotency key.

    Raises:
        StripeError: it was used for something else.
    """
    with account().transaction() as ledger:
        found = ledger.find("answer", _answer_id(key))
    if found is None:
        return None
    if found["path"] != request.path:
        raise key_of_another(key, "for the same endpoint")
    if found["params"] != _sorted_params():
        raise key_of_another(key, "with the same parameters")
    return found


def _remember(ledger: Ledger, key: str | None, body: Object, status: int) -> None:
    if key is None:
        return
    kept = {
        "id": _answer_id(key),
        "object": "answer",
        "created": now(),
        "path": request.path,
        "params": _sorted_params(),
        "answer": body,
        "status": status,
    }
    ledger.keep(kept)


def _answer_id(key: str) -> str:
    # With a space, which no other id has.
    return f"answer {key}"


def _sorted_params() -> list[list[str]]:
    return sorted([name, value] for name, value in _params())


def _expanded(ledger: Ledger, body: Object, names: list[str]) -> Object:
    """Show objects in full where the call asks for more than their ids."""
    for name in names:
        is_list = body["object"] == "list"
        shown = body["data"] if is_list else [body]
        field = name.removeprefix("data.") if is_list else name
        if field not in EXPANDABLE:
            raise BadParameterError(f"This property cannot be expanded ({name}).", param="expand")
        for each in shown:
            if isinstance(each.get(field), str):
                each[field] = ledger.get(EXPANDABLE[field], each[field])
    return body
