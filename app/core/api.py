"""The HTTP face: requests checked strictly, answers documented, every error a problem."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any
from uuid import uuid4
from wsgiref.types import WSGIEnvironment

import flask_smorest
import structlog
from flask import Flask, Request, Response, after_this_request, has_request_context, request
from marshmallow import INCLUDE, RAISE, Schema, fields
from webargs import core as webargs
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType
from werkzeug.http import http_date

from app.core.problems import (
    Overloaded,
    Problem,
    ServiceUnavailable,
    Unauthenticated,
    ValidationFailed,
)

log = structlog.get_logger(__name__)

PROBLEM_TYPE = "application/problem+json"
# What a checkout of the most lines needs, tenfold; webhooks have their own bound.
LARGEST_BODY = 64 * 1024
# An answer is data, whatever somebody makes a browser take it for; but for the page of the docs.
NOTHING_RUNS = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
WITH_SCRIPTS = "/docs"
_REQUEST_ID_KEY = "ora.request_id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


class ErrorItemSchema(Schema):
    """One wrong value."""

    pointer = fields.String(metadata={"description": "JSON pointer to the value"})
    detail = fields.String()


class ProblemSchema(Schema):
    """An error as RFC 9457 describes it; some have members of their own beside these."""

    class Meta:
        """What a problem may have."""

        unknown = INCLUDE

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True, metadata={"description": "stable, to branch on"})
    detail = fields.String()
    request_id = fields.String(required=True)
    errors = fields.List(fields.Nested(ErrorItemSchema))


class StrictParser(FlaskParser):
    """Reads a request: JSON only where JSON is said, nothing unknown, nothing bottomless."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": RAISE}

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body:
            return webargs.missing
        if not webargs.is_json(req.mimetype):
            raise UnsupportedMediaType("The body has to be sent as application/json.")
        try:
            return json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            reason = str(error) if isinstance(error, json.JSONDecodeError) else "cannot be read"
            raise BadRequest(f"The body is not JSON: {reason}") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """A room's endpoints."""

    ARGUMENTS_PARSER = StrictParser()

    def arguments(
        self, schema: type[Schema], *, quick: Callable[[Request], Any] | None = None, **options: Any
    ) -> Any:
        """
        Read a request by ``schema``, which is built once and not for every request.

        A ``quick`` reader is asked before: what it reads the schema would read as well; None where
        it is not sure, so that every refusal is the schema's.
        """
        by_schema = super().arguments(schema(), **options)
        if quick is None:
            return by_schema

        def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
            careful = by_schema(view)

            @wraps(careful)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                found = quick(request)
                return careful(*args, **kwargs) if found is None else view(found, *args, **kwargs)

            return wrapper

        return decorator

    def response(self, status_code: int, schema: Any = None, **options: Any) -> Any:
        """Document a response; one that is a file, with its type as well."""
        kind = options.get("content_type")
        decorate = super().response(status_code, schema, **options)
        if schema is not None or kind is None:
            return decorate
        form = {} if kind.startswith("text/") else {"format": "binary"}
        content = {kind: {"schema": {"type": "string"} | form}}
        response = {"description": options.get("description", ""), "content": content}
        told = self.doc(responses={str(status_code): response})
        return lambda view: told(decorate(view))

    def _store_endpoint_docs(
        self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any
    ) -> None:
        """Name each operation after its view, where the view does not say another name."""
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for method in options.get("methods", ("GET",)):
            manual = self._docs[endpoint][method.lower()].setdefault("manual_doc", {})
            manual.setdefault("operationId", endpoint)

    def raises(self, *problems: type[Problem]) -> Callable[[Callable[..., Any]], Any]:
        """Document the problems an endpoint may answer with, each with an example."""

        def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
            manual = _by_hand(view)
            manual["responses"] = manual.get("responses", {}) | _document(problems)
            return view

        return decorator

    def deprecated(
        self, *, since: datetime, until: datetime
    ) -> Callable[[Callable[..., Any]], Any]:
        """
        Say of an endpoint that it ends; its docstring says what to use instead.

        The document says so, and every answer, in ``Deprecation`` (RFC 9745) and ``Sunset`` (RFC
        8594); docs/upgrading.md tells how long that has to be.
        """
        told = {"Deprecation": f"@{since.timestamp():.0f}", "Sunset": http_date(until)}

        def tell(response: Response) -> Response:
            response.headers.update(told)
            return response

        def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(view)
            def wrapper(*args: Any, **kwargs: Any) -> Any:
                after_this_request(tell)
                return view(*args, **kwargs)

            _by_hand(wrapper)["deprecated"] = True
            return wrapper

        return decorator


def _by_hand(view: Callable[..., Any]) -> dict[str, Any]:
    """Take what is documented of a view beside what its decorators know."""
    manual: dict[str, Any] = view.__dict__.setdefault("_apidoc", {}).setdefault("manual_doc", {})
    return manual


def _document(problems: tuple[type[Problem], ...]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    problem: type[Problem]
    for problem in (*problems, ServiceUnavailable, Overloaded):
        status = str(int(problem.status))
        response = responses.setdefault(
            status,
            {
                "description": "",
                "content": {PROBLEM_TYPE: {"schema": ProblemSchema, "examples": {}}},
            },
        )
        response["description"] += f"`{problem.code()}`: {problem.title()} "
        example = problem().body() | {"request_id": "0b7e6d3c2f1a4e58"}
        response["content"][PROBLEM_TYPE]["examples"][problem.code()] = {"value": example}
    return responses


class Api(flask_smorest.Api):  # type: ignore[misc]
    """The API, whose errors are problems in its answers and in its documentation alike."""

    ERROR_SCHEMA = ProblemSchema

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            response = {
                "description": status.phrase,
                "content": {PROBLEM_TYPE: {"schema": ProblemSchema}},
            }
            self.spec.components.response(status.name, response, lazy=True)
        response = {
            "description": "Any other problem",
            "content": {PROBLEM_TYPE: {"schema": ProblemSchema}},
        }
        self.spec.components.response("DEFAULT_ERROR", response, lazy=True)

    def _register_error_handlers(self) -> None:
        self._app.register_error_handler(Problem, answer_problem)
        self._app.register_error_handler(HTTPException, self.handle_http_exception)
        self._app.register_error_handler(Exception, answer_bug)

    def handle_http_exception(self, error: HTTPException) -> Response:
        """Answer what Flask, Werkzeug or webargs raised as a problem."""
        messages = getattr(error, "data", {}).get("messages")
        if messages is not None:
            return answer_problem(ValidationFailed(errors=list(_pointers(messages))))
        body = _plain(error.code or 500, error.name) | {"detail": error.description}
        allowed = getattr(error, "valid_methods", None)
        return _respond(body, {"Allow": ", ".join(allowed)} if allowed else {})


def answer_problem(problem: Problem) -> Response:
    """Write a problem as the answer to this request."""
    headers: dict[str, str] = {}
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    if isinstance(problem, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return _respond(problem.body(), headers)


def answer_bug(error: Exception) -> Response:
    """Log what we did not foresee, and tell the caller nothing but the request's id."""
    log.error("request.failed", exc_info=error)
    return _respond(_plain(500, "Internal Server Error"), {})


def _plain(status: int, name: str) -> dict[str, Any]:
    """Write a problem that says no more than its status."""
    code = name.lower().replace(" ", "_").replace("'", "")
    return {"type": "about:blank", "title": name, "status": status, "code": code}


def _respond(body: dict[str, Any], headers: dict[str, str]) -> Response:
    body["request_id"] = request_id()
    response = Response(json.dumps(body), int(body["status"]), headers, mimetype=PROBLEM_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def _pointers(messages: Any, path: str = "#") -> Any:
    """Turn marshmallow's tree of messages into pairs of JSON pointer and detail."""
    if isinstance(messages, dict):
        for key, below in messages.items():
            top = path == "#" and key in ("json", "query", "headers", "path")
            step = "" if top or key == "_schema" else "/" + _escape(str(key))
            yield from _pointers(below, path + step)
    elif isinstance(messages, list):
        for below in messages:
            yield from _pointers(below, path)
    else:
        yield {"pointer": path, "detail": str(messages)}


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def request_id() -> str:
    """Return the id of this request: the caller's X-Request-Id if it is sane, else our own."""
    if not has_request_context():
        return ""
    return request_id_of(request.environ)


def request_id_of(environ: WSGIEnvironment) -> str:
    """Return the id of a request of which Flask need not know yet."""
    # Where it is kept costs a tenth of what g does, and it is asked for twice a request.
    found: str | None = environ.get(_REQUEST_ID_KEY)
    if found is None:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        found = given if _REQUEST_ID.fullmatch(given) else uuid4().hex[:16]
        environ[_REQUEST_ID_KEY] = found
    return found


def init_app(app: Flask, *, is_secure: bool) -> None:
    """Bound what a request may send, name every answer, and tell browsers what to make of it."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]

    @app.after_request
    def _label(response: Response) -> Response:
        response.headers["X-Request-Id"] = request_id()
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "no-referrer")
        if "HTTP_AUTHORIZATION" in request.environ:
            headers.setdefault("Cache-Control", "no-store")
        if not request.path.startswith(WITH_SCRIPTS):
            headers.setdefault("Content-Security-Policy", NOTHING_RUNS)
        if is_secure:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response
