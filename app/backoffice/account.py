"""Your account: who you are to the shop, and your second factor."""

from typing import Any, ClassVar

import segno
from flask import request, session
from flask_admin import expose

from app.accounts import accounts, second_factor
from app.accounts.models import User
from app.backoffice import sessions
from app.backoffice.page import EVERYBODY, Page, done, person
from app.core import limits
from app.core.db import transaction

# A secret is copied by hand where there is no camera.
GROUP_OF_LETTERS = 4
LONGEST_CODE = 20


class Account(Page):
    """What everybody changes of their own."""

    ALLOWED: ClassVar = dict.fromkeys(("index", "begin", "turn_on", "turn_off"), EVERYBODY)
    WITHOUT_SECOND_FACTOR: ClassVar = frozenset({"index", "begin", "turn_on"})

    def is_visible(self) -> bool:
        """Stand beside the name, and not in the menu."""
        return False

    @expose("/")
    def index(self) -> Any:
        """Show who is signed in, and what their app needs while they set up a second factor."""
        with transaction() as opened:
            who = accounts.find(opened, person().id)
        return self.render("backoffice/account.html", who=who, offer=_offer(who))

    @expose("/second-factor/begin", methods=("POST",))
    def begin(self) -> Any:
        """Begin to set up a second factor, with a secret that nobody has seen."""
        with transaction() as opened:
            session["setting_up"] = second_factor.begin(opened, person().id)
        return done("Tell your app, and give its first code.", "account.index")

    @expose("/second-factor/on", methods=("POST",))
    def turn_on(self) -> Any:
        """Switch the second factor on; sign-ins by the password alone end."""
        with transaction() as opened:
            who = accounts.find(opened, person().id)
            second_factor.turn_on(
                opened, who, _code(), generation=session.get("setting_up", 0),
                shop_secret=sessions.shop_secret(),
            )  # fmt: skip
            accounts.end_sessions(opened, who.id, but=sessions.sign_in_id())
        session.pop("setting_up", None)
        return done("Your second factor is on: signing in needs a code.", "account.index")

    @expose("/second-factor/off", methods=("POST",))
    def turn_off(self) -> Any:
        """Switch the second factor off, by a code of it."""
        limits.count_code(person().id)
        with transaction() as opened:
            who = accounts.find(opened, person().id)
            second_factor.turn_off(opened, who, _code(), shop_secret=sessions.shop_secret())
        return done("Your second factor is off: your password is enough.", "account.index")


def _code() -> str:
    return request.form.get("code", "")[:LONGEST_CODE]


def _offer(who: User) -> dict[str, str] | None:
    """Tell the secret to who has just begun, as a picture and in letters; to nobody later."""
    if second_factor.is_on(who) or session.get("setting_up") != who.totp_generation:
        return None
    secret = second_factor.secret_of(who, shop_secret=sessions.shop_secret())
    address = second_factor.address_of(who, shop_secret=sessions.shop_secret())
    letters = range(0, len(secret), GROUP_OF_LETTERS)
    return {
        "picture": segno.make_qr(address, error="m").svg_data_uri(scale=5, light="#fff"),
        "letters": " ".join(secret[at : at + GROUP_OF_LETTERS] for at in letters),
    }
