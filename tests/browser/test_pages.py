"""Every page as a browser shows it, to each role, on a desk and on a phone."""

import pytest

from tests.backoffice.browser import email_of
from tests.browser.conftest import NARROW, WIDE, unfold
from tests.browser.furnished import furnish
from tests.browser.watcher import Watcher

FOR_ADMINS = {
    "Audit log": "/log/", "Prices": "/prices/", "Categories": "/categories/",
    "Files": "/imports/", "Operations": "/operations/",
}  # fmt: skip
FOR_ALL = {
    "Today": "/", "Orders": "/orders/", "Stock": "/stock/", "Returns": "/returns/",
    "Money": "/money/", "People": "/people/", "Reports": "/reports/", "Webhooks": "/webhooks/",
    "Jobs": "/jobs/", "Coupons": "/coupons/", "Products": "/products/",
    "Alerts": "/alerts/", "Subscribers": "/subscribers/", "Pre-orders": "/pre-orders/",
}  # fmt: skip
# Where those lead to that are for admins, and what else is.
ADMINS_ALONE = (
    "/coupons/new", "/prices/", "/operations/", "/products/new", "/imports/", "/subscribers/new",
)  # fmt: skip
MENUS = {"staff": FOR_ALL, "admin": FOR_ALL | FOR_ADMINS}


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("role", ["staff", "admin"])
def test_nothing_is_wrong_with_any_page(shop, home, enter, role, width):
    further = furnish(shop)
    page = enter(role, width)
    watcher = Watcher(page, home)
    menu = page.get_by_role("navigation", name="Pages").get_by_role("link")
    wrong = {}

    unfold(page)
    assert sorted(menu.all_inner_texts()) == sorted(MENUS[role])
    for name, path in MENUS[role].items():
        unfold(page)
        menu.get_by_text(name, exact=True).click()
        page.wait_for_url(f"{home}/admin{path}")
        page.get_by_role("heading", level=1).wait_for()
        wrong[name] = watcher.complaints()
    for path in further:
        if role == "staff" and path.startswith(ADMINS_ALONE):
            continue
        assert page.goto(f"{home}/admin{path}").status == 200
        wrong[path] = watcher.complaints()

    assert {path: complaints for path, complaints in wrong.items() if complaints} == {}


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_nothing_is_wrong_with_the_door(app, home, window, width):
    page = window(width)
    watcher = Watcher(page, home)

    page.goto(f"{home}/admin/sign-in/")

    assert watcher.complaints() == []


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_what_is_unfolded_fits_too(shop, home, enter, width):
    further = furnish(shop)
    page = enter("admin", width)
    watcher = Watcher(page, home)

    for path in ("/", "/jobs/", further[0]):
        page.goto(f"{home}/admin{path}")
        for summary in page.locator("summary").all():
            summary.click()
        assert watcher.complaints() == [], path


@pytest.mark.parametrize("path", FOR_ADMINS.values())
def test_staff_who_know_an_address_of_admins_are_refused(home, enter, path):
    page = enter("staff")

    answer = page.goto(f"{home}/admin{path}")

    assert answer.status == 403
    assert page.get_by_role("heading", level=1).inner_text() == "You may not do this"


def test_a_wrong_password_is_told_of_and_keeps_the_address(shop, home, window):
    email = email_of(shop.customer(role="staff").id)
    page = window()
    page.goto(f"{home}/admin/")

    page.get_by_label("Mail address").fill(email)
    page.get_by_label("Password").fill("not hers")
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("status").get_by_text("do not belong together").wait_for()
    assert page.get_by_label("Mail address").input_value() == email
    assert page.get_by_label("Password").input_value() == ""


def test_the_month_is_drawn(shop, home, enter):
    page = enter("staff")

    # A canvas that nobody drew on has no size of its own.
    canvas = page.locator("canvas[data-chart][style]")

    canvas.wait_for()
    assert canvas.bounding_box()["height"] > 100


def test_a_slash_goes_to_the_search(shop, home, enter):
    page = enter("staff")
    page.goto(f"{home}/admin/orders/")

    page.keyboard.press("/")
    page.keyboard.type("nothing")
    page.keyboard.press("Enter")

    page.get_by_text("Nothing is called “nothing”").wait_for()
