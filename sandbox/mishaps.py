"""What the switches of a route do to each call of it."""

import time
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from flask import Response, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from sandbox.errors import SERVER_ERROR_BODY
from sandbox.faults import Switches
from sandbox.gateway import gateway

BAD_GATEWAY = 502
TOO_MANY_REQUESTS = 429
SERVER_FAULT = 500


class ConnectionDroppedError(Exception):
    """The fault that was asked for: the answer does not reach the client."""


def faulty(route: str, view: Callable[..., Any]) -> Callable[..., ResponseReturnValue]:
    """Wrap the view of a route so that its switches act on each call."""

    @wraps(view)
    def answer(**arguments: str) -> ResponseReturnValue:
        g.faults = switches = gateway().faults.take(route)
        time.sleep(switches.get("latency_ms", 0) / 1000)
        if (refusal := _refusal(switches)) is not None:
            return refusal
        is_lost = switches.get("reset_after", False)
        if "hang_ms" in switches and not is_lost:
            return _hang(switches["hang_ms"])
        response: ResponseReturnValue = view(**arguments)
        return _hang(switches.get("hang_ms", 0)) if is_lost else response

    return answer


def switch(name: str) -> Any:
    """Return a switch of the call that is being answered, or None."""
    return g.faults.get(name)


def _refusal(switches: Switches) -> Response | None:
    if switches.get("html_502"):
        page = "<html><head><title>502 Bad Gateway</title></head><body>502</body></html>"
        return make_response(page, BAD_GATEWAY)
    if switches.get("json_500"):
        return make_response(jsonify(SERVER_ERROR_BODY), SERVER_FAULT)
    if switches.get("too_many_requests"):
        error = {"code": "BAD_REQUEST_ERROR", "description": "Too many requests"}
        return make_response(jsonify({"error": error}), TOO_MANY_REQUESTS)
    return None


def _hang(milliseconds: int) -> Response:
    """Keep the client waiting, and then break off in the middle of an answer."""
    # A body left unread would keep the server from closing the connection.
    request.get_data()
    time.sleep(milliseconds / 1000)
    response = Response(_broken_off(f"{request.method} {request.path}"))
    # More than will ever come, so that no client takes it for a whole answer.
    response.content_length = 1
    return response


def _broken_off(call: str) -> Iterator[bytes]:
    yield b""
    raise ConnectionDroppedError(f"The answer to {call} is lost, as a fault asks")
