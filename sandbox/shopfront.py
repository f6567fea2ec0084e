"""
A storefront to see the shop at work: a page of files, and a way through to the shop's API.

A storefront has the API below its own address, as it would through its own server or balancer; so
the shop needs to allow no other origin, and the page's policy allows none either.
"""

import http.client
import logging
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, request, send_from_directory
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from sandbox.gateway import gateway

blueprint = Blueprint("shopfront", __name__, url_prefix="/shop")
log = logging.getLogger(__name__)

_FILES = "storefront"
_TIMEOUT_SECONDS = 30
_PASSED_ON = ("Accept", "Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id")
_BROUGHT_BACK = ("Content-Type", "Retry-After", "X-Request-Id", "Cache-Control")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@blueprint.get("")
def without_slash() -> ResponseReturnValue:
    """Send on to the page, whose files are below it."""
    return redirect("/shop/")


@blueprint.get("/")
def page() -> ResponseReturnValue:
    """Show the storefront."""
    return file("index.html")


@blueprint.get("/<name>")
def file(name: str) -> ResponseReturnValue:
    """Give one of its files."""
    response = send_from_directory(_FILES, name)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/api/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
def ask(rest: str) -> ResponseReturnValue:
    """Pass a request on to the shop, which is where webhooks go, and its answer back."""
    if ".." in rest.split("/"):
        raise NotFound
    headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
    shop = urlsplit(gateway().settings.webhook_url)
    kind = http.client.HTTPSConnection if shop.scheme == "https" else http.client.HTTPConnection
    connection = kind(shop.hostname or "", shop.port, timeout=_TIMEOUT_SECONDS)
    path = request.full_path.removeprefix("/shop").rstrip("?")
    try:
        connection.request(request.method, path, request.get_data() or None, headers)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as exc:
        log.warning("the shop does not answer /api/%s: %s", rest, exc)
        return _unreachable()
    finally:
        connection.close()
    told = {name: answer.headers[name] for name in _BROUGHT_BACK if name in answer.headers}
    return Response(body, answer.status, told)


def _unreachable() -> Response:
    """Say it as the shop itself says that a part is out of reach."""
    problem = (
        '{"code": "service_unavailable", "title": "The shop cannot be reached.", "status": 503}'
    )
    return Response(problem, 503, {"Retry-After": "2"}, mimetype="application/problem+json")
