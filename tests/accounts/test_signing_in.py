"""Accounts are made once, signed in to, and told nothing about to strangers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from app.accounts.models import SignedInSession, User
from tests.builders import PASSWORD

MEERA = {"email": "meera@example.com", "password": PASSWORD, "name": "Meera Iyer"}


def register(client, **values):
    return client.post("/api/v1/auth/register", json=MEERA | values)


def login(client, email=MEERA["email"], password=PASSWORD):
    return client.post("/api/v1/auth/login", json={"email": email, "password": password})


def problem(response):
    """The problem without the request's id."""
    return response.status_code, {k: v for k, v in response.json.items() if k != "request_id"}


def account_of(client, tokens):
    return client.get("/api/v1/me", headers={"Authorization": f"Bearer {tokens['access_token']}"})


def test_registering_makes_an_account_and_signs_in(client, session):
    response = register(client, phone="098765 43210")

    tokens = response.json
    user = session.scalars(select(User)).one()
    account = {
        "id": str(user.id),
        "email": "meera@example.com",
        "name": "Meera Iyer",
        "phone": "+919876543210",
        "role": "customer",
        "email_verified_at": None,
        "created_at": user.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    assert response.status_code == 201
    assert tokens.keys() == {"access_token", "refresh_token", "expires_in", "account"}
    assert (tokens["expires_in"], tokens["account"]) == (900, account)
    assert account_of(client, tokens).json == account


def test_a_password_is_kept_as_an_argon2id_hash_and_told_to_nobody(client, session):
    response = register(client)

    kept = session.scalars(select(User.password_hash)).one()
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in kept + response.text
    assert kept not in response.text


def test_an_account_without_a_phone_has_none(client):
    assert register(client).json["account"]["phone"] is None


def test_nobody_registers_as_staff(client, session):
    response = register(client, role="admin")

    assert response.status_code == 422
    assert session.scalars(select(User)).all() == []


def test_signing_in_starts_a_session_of_its_own_each_time(client, session):
    first = register(client).json

    second = login(client).json

    assert second.keys() == {"access_token", "refresh_token", "expires_in"}
    assert account_of(client, second).json == first["account"]
    assert session.scalar(select(func.count(SignedInSession.id))) == 2


def test_a_wrong_mail_address_and_a_wrong_password_are_the_same_problem(client, session):
    register(client)

    nobody = login(client, email="nobody@example.com")
    wrong = login(client, password=PASSWORD + "!")

    assert problem(nobody) == problem(wrong)
    assert problem(wrong) == (
        401,
        {
            "type": "/problems/wrong-credentials",
            "title": "The mail address and the password do not belong together.",
            "status": 401,
            "code": "wrong_credentials",
        },
    )
    assert session.scalar(select(func.count(SignedInSession.id))) == 1


@pytest.mark.parametrize("password", ["", PASSWORD.upper(), PASSWORD + "\x00", f" {PASSWORD}"])
def test_only_the_very_password_signs_in(client, password):
    register(client)

    assert login(client, password=password).status_code in (401, 422)


def test_a_password_may_hold_any_characters(client):
    password = "  ein Schlüssel, 🗝️ und \x00 नमस्ते  "
    register(client, password=password)

    assert login(client, password=password).status_code == 200
    assert login(client, password=password.strip()).status_code == 401


@pytest.mark.parametrize("length", [10, 128])
def test_a_password_within_the_bounds_is_taken(client, length):
    assert register(client, password="p" * length).status_code == 201


@pytest.mark.parametrize("length", [0, 9, 129])
def test_a_password_beyond_the_bounds_is_refused(client, length):
    response = register(client, password="p" * length)

    assert (response.status_code, response.json["errors"]) == (
        422,
        [{"pointer": "#/password", "detail": "Length must be between 10 and 128."}],
    )


@pytest.mark.parametrize("email", ["MEERA@EXAMPLE.COM", "Meera@Example.com", " meera@example.com "])
def test_a_mail_address_in_another_case_is_the_same_account(client, email):
    account = register(client).json["account"]

    tokens = login(client, email=email).json

    assert account_of(client, tokens).json == account


@pytest.mark.parametrize("email", ["meera@example.com", "MEERA@example.COM"])
def test_a_mail_address_is_registered_once(client, session, email):
    register(client)
    before = session.execute(select(User.id, User.password_hash)).all()

    response = register(client, email=email, password="another long sentence")

    assert problem(response) == (
        409,
        {
            "type": "/problems/email-taken",
            "title": "There is an account with this mail address.",
            "status": 409,
            "code": "email_taken",
        },
    )
    assert session.execute(select(User.id, User.password_hash)).all() == before


def test_registering_at_the_same_time_makes_one_account(app, session):
    def try_once(number):
        return register(app.test_client(), name=f"Meera {number}").status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(try_once, range(8)))

    assert answers == [201] + [409] * 7
    assert session.scalars(select(User.email)).all() == ["meera@example.com"]
    assert session.scalar(select(func.count(SignedInSession.id))) == 1


@pytest.mark.parametrize(
    "email",
    [
        "",
        "meera",
        "meera@",
        "@example.com",
        "a b@example.com",
        "meera@example",
        "a@b@c.com",
        "meera@example.com\n@x.com",
        f"{'m' * 250}@example.com",
    ],
)
def test_what_is_no_mail_address_is_refused(client, session, email):
    response = register(client, email=email)

    assert response.status_code == 422
    assert {error["pointer"] for error in response.json["errors"]} == {"#/email"}
    assert session.scalars(select(User)).all() == []


@pytest.mark.parametrize("email", ["İ@example.com", "STRASSE.ẞ@example.com", "Ω@example.com"])
def test_letters_that_change_with_their_case_make_no_two_accounts(client, email):
    first, second = register(client, email=email), register(client, email=email.lower())

    assert (first.status_code, second.status_code) in {(201, 409), (422, 422)}
