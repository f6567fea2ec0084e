"""A payment gateway for development that answers as Razorpay does."""

import hmac
import logging

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from sandbox import (
    disputes,
    downtimes,
    driver,
    incidents,
    mail,
    orders,
    pages,
    payments,
    refunds,
    settlements,
    shopfront,
)
from sandbox.config import Settings
from sandbox.errors import SERVER_ERROR_BODY, ApiError, authentication_failed, unknown_url
from sandbox.gateway import Gateway, gateway
from sandbox.mishaps import faulty
from sandbox.stripe.routes import blueprint as stripe_account

log = logging.getLogger(__name__)

_PARTS = (
    orders, payments, refunds, disputes, settlements, downtimes, driver, incidents, pages, mail,
    shopfront,
)  # fmt: skip

# No request of this API is near a mebibyte.
LONGEST_BODY_BYTES = 2**20


def create_app(settings: Settings | None = None) -> Flask:
    """Build a sandbox; its parts are at ``app.extensions["sandbox"]``, to be closed after use."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY_BYTES
    # A path with two slashes is another path, not one to be sent on.
    app.url_map.merge_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["sandbox"] = Gateway.open(settings or Settings.from_environment())
    app.before_request(_authenticate)
    for part in _PARTS:
        app.register_blueprint(part.blueprint)
    app.register_blueprint(stripe_account)
    for name, view in app.view_functions.items():
        if name.split(".")[0] in driver.API_BLUEPRINTS:
            app.view_functions[name] = faulty(name, view)
    app.register_error_handler(ApiError, _refusal)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _server_error)
    return app


def _authenticate() -> None:
    """Let only the holder of the key pair use the API; the driver and the pages are open."""
    if request.blueprint not in driver.API_BLUEPRINTS:
        return
    settings, given = gateway().settings, request.authorization
    # The scheme is read as Razorpay reads it, exactly.
    if given is None or not request.headers["Authorization"].startswith("Basic "):
        raise authentication_failed()
    pair = f"{given.username}:{given.password}"
    expected = f"{settings.key_id}:{settings.key_secret}"
    if not hmac.compare_digest(pair.encode(), expected.encode()):
        raise authentication_failed()


def _refusal(error: ApiError) -> ResponseReturnValue:
    return jsonify(error.body), error.status


def _http_error(error: HTTPException) -> ResponseReturnValue:
    is_unknown = isinstance(error, (NotFound, MethodNotAllowed))
    if is_unknown and request.path.startswith("/v1/"):
        return _refusal(unknown_url())
    if is_unknown and not request.path.startswith("/sandbox/"):
        return jsonify(message="no Route matched with those values"), 404
    description = error.description or error.name
    refusal = ApiError({"code": "BAD_REQUEST_ERROR", "description": description})
    return jsonify(refusal.body), error.code or refusal.status


def _server_error(error: Exception) -> ResponseReturnValue:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return jsonify(SERVER_ERROR_BODY), 500
