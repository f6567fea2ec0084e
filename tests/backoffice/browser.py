"""A browser for tests: keeps cookies, reads forms, sends them as they stand."""

import re
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.core.db import transaction
from tests.builders import PASSWORD, Shop


class _Forms(HTMLParser):
    """Every form of a page: where it goes, and its fields with what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append((found.get("action", ""), {}))
        elif tag == "input" and self.forms and "name" in found and found.get("type") != "checkbox":
            self.forms[-1][1][found["name"]] = found.get("value", "")


@dataclass
class Browser:
    """Somebody at the pages."""

    client: FlaskClient
    id: UUID | None = None

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/admin{path}")

    def send(self, path: str, action: str, **fields: Any) -> TestResponse:
        """Open a page and send the form of it that goes to an address with ``action`` in it."""
        page = self.get(path)
        assert page.status_code == 200, page.status_code
        forms = _Forms()
        forms.feed(page.text)
        address, found = next(form for form in forms.forms if action in form[0])
        return self.client.post(
            address or f"/admin{path}", data=found | fields,
            headers={"Referer": f"http://localhost/admin{path}"},
        )  # fmt: skip

    def sign_in(self, email: str, password: str = PASSWORD, **query: str) -> TestResponse:
        self.email = email
        asked = "?next=" + query["next"] if "next" in query else ""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/sign-in/").text)
        data = {"email": email, "password": password, "csrf_token": token[1] if token else ""}
        return self.client.post(f"/admin/sign-in/{asked}", data=data)


def words(answer: TestResponse) -> str:
    """What a page says, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def email_of(account_id: UUID) -> str:
    with transaction() as session:
        return session.scalars(select(User.email).where(User.id == account_id)).one()


def enter(shop: Shop, role: str) -> Browser:
    """Sign somebody of a role in."""
    who = shop.customer(role=role)
    browser = Browser(shop.app.test_client(), who.id)
    answer = browser.sign_in(email_of(who.id))
    assert answer.status_code == 302, answer.text
    return browser


def give_role(account_id: UUID, role: str) -> None:
    with transaction() as session:
        session.execute(update(User).where(User.id == account_id).values(role=role))
