"""The API's documentation: OpenAPI 3.1 at /openapi.json, and a page at /docs that works offline."""

from flask import Flask, redirect
from flask_swagger_ui import get_swaggerui_blueprint
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response

from app.core.api import Api
from app.core.fields import Sku

DESCRIPTION = """\
Buy a piece of which there may be one: a checkout reserves it for 15 minutes, the payment confirms.


1. `POST /api/v1/auth/register`, or `/auth/guest`, and send the access token as
   `Authorization: Bearer ...`.
2. `PUT /api/v1/cart/items/{sku}`, or name the lines at checkout.
3. `POST /api/v1/checkout` with an `Idempotency-Key` of yours.
4. `POST /api/v1/orders/{id}/payments`, pay with Razorpay, `POST /api/v1/payments/verify`.
5. Poll `GET /api/v1/orders/{id}/payment-status` until `confirmed`.

Money is in whole paise. Times are UTC. Every error is an RFC 9457 problem with a stable `code`.
"""


class SkuConverter(BaseConverter):
    """The SKU in a path; anything else is no path of ours."""

    regex = Sku.PATTERN


class SlugConverter(BaseConverter):
    """The readable name in a path."""

    regex = "[a-z0-9-]{1,200}"


def init_app(app: Flask) -> Api:
    """Make the API that blueprints are registered with."""
    app.url_map.converters |= {"sku": SkuConverter, "slug": SlugConverter}
    app.config.update(
        API_TITLE="ORA",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = Api(
        app,
        spec_kwargs={
            "info": {"description": DESCRIPTION},
            "servers": [{"url": "/"}],
        },
    )
    for converter in (SkuConverter, SlugConverter):
        api.register_converter(converter, _parameter)
    api.spec.components.security_scheme(
        "bearer", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    )
    page = get_swaggerui_blueprint(
        "/docs",
        "/openapi.json",
        # Without this the page asks validator.swagger.io about our document.
        config={"app_name": "ORA API", "persistAuthorization": True, "validatorUrl": "none"},
    )
    app.register_blueprint(page)
    app.add_url_rule("/", "home", _home)
    return api


def _parameter(converter: BaseConverter) -> dict[str, str]:
    return {"type": "string", "pattern": f"^{converter.regex}$"}


def _home() -> Response:
    return redirect("/docs/")
