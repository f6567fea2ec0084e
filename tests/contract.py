"""Every answer in every test is held to what /openapi.json says of it."""

import re
from functools import cache, cached_property
from typing import Any

import jsonschema_rs
from flask import Flask, Response, request

JSON = "application/json"


class Contract:
    """What the document of an app says of its answers."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._validator = cache(self._made)

    def broken_by(self, response: Response) -> str | None:
        """Tell what is wrong with the answer to this request, if anything is."""
        if request.url_rule is None or response.mimetype != JSON:
            return None
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", request.url_rule.rule)
        validator = self._validator(path, request.method.lower(), str(response.status_code))
        if validator is None:
            return None
        wrong = next(validator.iter_errors(response.get_json()), None)
        if wrong is None:
            return None
        return f"{request.method} {path} answered {response.status_code}: {wrong}"

    @cached_property
    def _spec(self) -> dict[str, Any]:
        view = self._app.view_functions["api-docs.openapi_json"]
        return dict(self._app.ensure_sync(view)().get_json())

    def _made(self, path: str, method: str, status: str) -> Any:
        operation = self._spec["paths"].get(path, {}).get(method, {})
        content = operation.get("responses", {}).get(status, {}).get("content", {})
        if JSON not in content:
            return None
        components = {"components": self._spec["components"]}
        return jsonschema_rs.validator_for(components | content[JSON]["schema"])


def hold(app: Flask) -> None:
    """Let each answer that is none of the documented ones end in an error, as a bug would."""
    contract = Contract(app)

    @app.after_request
    def look(response: Response) -> Response:
        wrong = contract.broken_by(response)
        assert wrong is None, wrong
        return response
