"""Categories at the pages: made, renamed, moved; what is wrong is told at its field."""

import pytest
from sqlalchemy import func, select

from app.catalog.models import Category
from tests.backoffice.browser import words

PATH = "/categories/"


@pytest.fixture
def rings(shop):
    """The category of the first product."""
    shop.product("ring", 5)


def test_a_shop_without_any_says_so_and_makes_no_product(admin):
    assert "There is none yet." in words(admin.get(PATH))
    assert "Make one first" in words(admin.get("/products/new"))


def test_one_is_made_and_moved_and_shoppers_see_it_so(shop, admin):
    made = admin.send(PATH, "/make", name="Bangles", slug="bangles", position="5")
    assert made.status_code == 302
    admin.send(PATH, "/bangles/change", name="Bangles & kadas", position="0")

    listed = shop.app.test_client().get("/api/v1/categories").json["items"]
    assert ("bangles", "Bangles & kadas") in [(one["slug"], one["name"]) for one in listed]
    assert "Bangles &amp; kadas" in admin.get(PATH).text


@pytest.mark.parametrize(
    ("wrong", "name"),
    [({"slug": "rings"}, "slug"), ({"slug": "A B"}, "slug"), ({"name": ""}, "name"),
     ({"position": "-1"}, "position"), ({"position": "x"}, "position")],
)  # fmt: skip
@pytest.mark.usefixtures("rings")
def test_what_makes_no_sense_is_told_at_its_field(session, admin, wrong, name):
    good = {"name": "Bangles", "slug": "bangles", "position": "5"}

    answer = admin.send(PATH, "/make", **good | wrong)

    assert answer.status_code == 422
    invalid = answer.text.split('aria-invalid="true"')
    assert len(invalid) == 2
    assert invalid[0].rsplit("<input", 1)[1].split('name="')[1].split('"')[0] == name
    assert session.scalar(select(func.count()).select_from(Category)) == 1


@pytest.mark.usefixtures("rings")
def test_a_wrong_name_of_one_is_told_beside_that_one(admin):
    answer = admin.send(PATH, "/rings/change", name="", position="1")

    assert answer.status_code == 422
    form = answer.text.split("/categories/rings/change")[1].split("</form>")[0]
    assert 'aria-invalid="true"' in form


def test_it_is_for_admins_alone(staff):
    assert staff.get(PATH).status_code == 403
