"""What no page takes, an address or a method that there is not, is answered by a page too."""

import pytest

from tests.backoffice.browser import words

STRAYS = [
    ("GET", "/none", 404), ("GET", "/orders/none", 404), ("GET", "/files/none.css", 404),
    ("POST", "/log/", 405), ("GET", "/operations/rebuild", 405), ("DELETE", "/stock/RING", 405),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "status"), STRAYS)
def test_who_is_signed_in_is_told_in_the_house(staff, method, path, status):
    answer = staff.client.open(f"/admin{path}", method=method)

    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Request-Id"] in words(answer)
    assert "Sign out" in answer.text
    assert ' aria-current="page"' not in answer.text


@pytest.mark.parametrize(("method", "path", "status"), STRAYS)
def test_others_learn_nothing_but_the_way_to_the_door(nobody, method, path, status):
    answer = nobody.client.open(f"/admin{path}", method=method)

    assert answer.status_code == 302, status
    assert answer.headers["Location"].startswith("/admin/sign-in/")
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_says_which_methods_there_are(staff):
    answer = staff.client.delete("/admin/operations/rebuild")

    assert set(answer.allow) == {"POST", "OPTIONS"}


def test_a_form_that_is_too_long_is_told_of_by_a_page(staff):
    answer = staff.client.post("/admin/sign-in/out", data={"csrf_token": "x" * 100_000})

    assert (answer.status_code, answer.mimetype) == (413, "text/html")


@pytest.mark.parametrize("path", ["/none", "/administration", "/api/v1/none"])
def test_outside_it_stays_a_problem(client, path):
    answer = client.get(path)

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
