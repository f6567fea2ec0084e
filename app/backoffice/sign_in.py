"""The door: signing in and out."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from flask import flash, make_response, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from app.accounts.errors import SessionEnded, WrongCode, WrongCredentials
from app.backoffice import sessions
from app.backoffice.page import EVERYBODY, Page
from app.core import limits
from app.core.problems import TooManyRequests


class SignIn(Page):
    """The only page for those who are not signed in."""

    ALLOWED: ClassVar = {"leave": EVERYBODY}
    WITHOUT_SECOND_FACTOR: ClassVar = frozenset({"leave"})

    def is_visible(self) -> bool:
        """Stand in no menu."""
        return False

    def _handle_view(self, name: str, **kwargs: Any) -> Any:
        is_open = name in ("index", "give_code")
        return self._check_form(name) if is_open else super()._handle_view(name, **kwargs)

    @expose("/", methods=("GET", "POST"))
    def index(self) -> Any:
        """Sign in."""
        if request.method == "GET":
            if sessions.person() is not None:
                return redirect(_inside(request.args.get("next")))
            return self.render("backoffice/sign_in.html", email="")
        email = request.form.get("email", "").strip().lower()[:254]
        try:
            limits.count_sign_in(request.remote_addr or "", email)
            is_whole = sessions.sign_in(email, request.form.get("password", "")[:128])
        except WrongCredentials:
            return self._again(email, "The mail address and the password do not belong together.")
        except TooManyRequests as problem:
            return self._again(email, _later(problem), 429)
        if is_whole:
            return redirect(_inside(request.args.get("next")))
        return redirect(url_for("sign_in.give_code", next=request.args.get("next")))

    def _again(self, email: str, words: str, status: int = 401) -> Response:
        flash(words, "error")
        return make_response(self.render("backoffice/sign_in.html", email=email), status)

    @expose("/code", methods=("GET", "POST"))
    def give_code(self) -> Any:
        """Give the code of the second factor, after the password."""
        who = sessions.half()
        if who is None:
            return redirect(url_for("sign_in.index", next=request.args.get("next")))
        if request.method == "GET":
            return self.render("backoffice/sign_in_code.html")
        try:
            # As a try of that account, so that codes are not guessed where passwords are not.
            limits.count_sign_in(request.remote_addr or "", who.email)
            limits.count_code(who.id)
            sessions.give_code(request.form.get("code", "")[:20])
        except WrongCode as problem:
            return self._code_again(problem.title())
        except TooManyRequests as problem:
            return self._code_again(_later(problem), 429)
        except SessionEnded:
            return redirect(url_for("sign_in.index", next=request.args.get("next")))
        return redirect(_inside(request.args.get("next")))

    def _code_again(self, words: str, status: int = 401) -> Response:
        flash(words, "error")
        return make_response(self.render("backoffice/sign_in_code.html"), status)

    @expose("/out", methods=("POST",))
    def leave(self) -> Any:
        """Sign out."""
        sessions.sign_out()
        return redirect(url_for("sign_in.index"))


def _later(problem: TooManyRequests) -> str:
    minutes = -(-(problem.retry_after or 60) // 60)
    return f"Too many tries. Try again in {minutes} minutes."


def _inside(address: str | None) -> str:
    """Give a page of ours, whatever the address says."""
    parts = urlsplit(address or "")
    is_ours = not parts.scheme and not parts.netloc and parts.path.startswith(f"{sessions.ROOT}/")
    return address if address and is_ours and "\\" not in address else url_for("today.index")
