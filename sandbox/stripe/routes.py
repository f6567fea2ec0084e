"""Where the Stripe account begins: its calls, its driver, and how refusals are told."""

import logging

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from sandbox.stripe import account, api, driver
from sandbox.stripe.calls import with_headers
from sandbox.stripe.errors import StripeError, server_error, unknown_url

log = logging.getLogger(__name__)

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

blueprint = Blueprint("stripe", __name__, url_prefix="/stripe")
blueprint.register_blueprint(api.blueprint)
blueprint.register_blueprint(driver.blueprint)
blueprint.record_once(account.attach_first)
blueprint.after_request(with_headers)


@blueprint.route("/<path:_>", methods=_METHODS)
def unknown(_: str) -> ResponseReturnValue:
    """Answer to a path, or a method on it, that is not there."""
    raise unknown_url(request.method, request.path.removeprefix("/stripe"))


@blueprint.errorhandler(StripeError)
def refusal(error: StripeError) -> ResponseReturnValue:
    """Tell a refusal in Stripe's envelope."""
    return jsonify(error.body), error.status


@blueprint.errorhandler(HTTPException)
def http_error(error: HTTPException) -> ResponseReturnValue:
    """Tell what the server itself refuses in Stripe's envelope too."""
    description = error.description or error.name
    return refusal(StripeError(description, status=error.code or StripeError.BAD_REQUEST))


@blueprint.errorhandler(Exception)
def bug(error: Exception) -> ResponseReturnValue:
    """Tell a bug as Stripe tells its own."""
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return refusal(server_error())
