"""
A page: who may see it, what may be done on it, and what it answers when something is wrong.

Of Flask-Admin it keeps routing, menu and hooks; what a page shows is its own.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import structlog
from flask import flash, g, make_response, redirect, request, url_for
from flask_admin import BaseView
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response

from app.backoffice import sessions
from app.backoffice.sessions import Person
from app.core import watching
from app.core.api import request_id
from app.core.auth import STAFF_ROLES
from app.core.problems import Problem

log = structlog.get_logger(__name__)

ADMINS = ("admin",)
EVERYBODY = STAFF_ROLES
# Everything that a page needs comes from here, and nothing on it runs that was not sent as a file.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Page(BaseView):  # type: ignore[misc]
    """One page of the back office, and what can be done on it."""

    # Which roles may use a handler, by its name; one that is not named is nobody's.
    ALLOWED: ClassVar[dict[str, tuple[str, ...]]] = {}
    # What a handler takes, in bytes, where that is more than any form.
    UPLOADS: ClassVar[dict[str, int]] = {}
    # What an admin may do who has to set up a second factor first.
    WITHOUT_SECOND_FACTOR: ClassVar[frozenset[str]] = frozenset()
    # The group that it stands in, in the menu.
    GROUP = ""

    def is_accessible(self) -> bool:
        """Tell whether the page stands in the menu of who is asking."""
        who: Person | None = g.get("person")
        if who is None or who.lacks_second_factor:
            return False
        return who.role in self.ALLOWED.get(self._default_view, ())

    def may(self, handler: str) -> bool:
        """Tell whether who is asking may use a handler of this page."""
        return person().role in self.ALLOWED.get(handler, ())

    def _handle_view(self, name: str, **_: Any) -> Any:
        """Let only those in who may; a form that was not written here is refused."""
        g.person = sessions.person()
        if g.person is None:
            return _to_the_door()
        # Who changes something is written down as with a token.
        g.token = {"sub": str(g.person.id), "role": g.person.role}
        if g.person.lacks_second_factor and name not in self.WITHOUT_SECOND_FACTOR:
            return _headed(redirect(url_for("account.index")))
        if not self.may(name):
            log.warning("access.refused", account=str(g.person.id), path=request.path)
            return self._answer(403, "You may not do this", "Ask an admin for it.")
        return self._check_form(name)

    def answer_stray(self, error: HTTPException) -> Response:
        """Answer what no page took: an address or a method that there is not, too long a form."""
        g.person = sessions.person()
        if g.person is None:
            return _to_the_door()
        told = self._answer(error.code or 500, error.name, error.description or "")
        if isinstance(error, MethodNotAllowed):
            told.allow.update(error.valid_methods or ())
        return told

    def _check_form(self, handler: str) -> Any:
        if request.method == "POST":
            if handler in self.UPLOADS:
                request.max_content_length = self.UPLOADS[handler]
            try:
                validate_csrf(request.form.get("csrf_token"))
            except ValueError:  # which is what it raises for a token that is none
                return self._answer(
                    400, "This form is too old", "Nothing was changed. Open the page again."
                )
        return None

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            answer = make_response(fn(self, *args, **kwargs))
        except Problem as problem:
            return self._refused(problem)
        except HTTPException as error:
            return self._answer(error.code or 500, error.name, error.description or "")
        except Exception:
            log.exception("page.failed", route=watching.route())
            return self._answer(500, "Something went wrong", "Nothing more is known here.")
        return _headed(answer)

    def _refused(self, problem: Problem) -> Response:
        """Tell what the shop said no to, where it was asked."""
        words = _said(problem)
        if request.method == "POST" and request.referrer and _is_ours(request.referrer):
            flash(words, "error")
            return _headed(redirect(request.referrer))
        return self._answer(int(problem.status), "This did not work", words)

    def _answer(self, status: int, title: str, text: str) -> Response:
        told = self.render(
            "backoffice/problem.html", title=title, text=text, request_id=request_id()
        )
        return _headed(make_response(told, status))

    def render(self, template: str, **facts: Any) -> str:
        """Render a template of the pages."""
        return str(super().render(template, person=g.get("person"), page=self, **facts))


def person() -> Person:
    """Return who is asking; a page has let them in."""
    who: Person = g.person
    return who


def done(words: str, endpoint: str, **values: Any) -> Response:
    """Say what was done and go on to a page, so that loading it again does nothing again."""
    flash(words, "done")
    return redirect(url_for(endpoint, **values))


def back(endpoint: str) -> Response:
    """Go back to the page that a form was sent from; where nobody knows it, to ``endpoint``."""
    here = request.referrer
    return redirect(here if here and _is_ours(here) else url_for(endpoint))


def _to_the_door() -> Response:
    """Send somebody to sign in, and from there to what they asked for."""
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return _headed(redirect(url_for("sign_in.index", next=here)))


def _said(problem: Problem) -> str:
    """Put a refusal into a sentence; of a form it is what is wrong with its fields."""
    errors: Any = problem.members.get("errors")
    if errors:
        return " ".join(map(_wrong, errors))
    return " ".join(filter(None, (problem.title(), problem.detail)))


def _wrong(error: dict[str, str]) -> str:
    """Put what is wrong with a field into words, with its name where they begin in the middle."""
    name, detail = error["pointer"].removeprefix("#/"), error["detail"]
    return f"{name.replace('_', ' ').capitalize()} {detail}." if detail[0].islower() else detail


def _is_ours(address: str) -> bool:
    return address.startswith(request.host_url)


def _headed(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
