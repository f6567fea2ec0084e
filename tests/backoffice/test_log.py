"""The audit log at the pages, for admins."""

from tests.backoffice.browser import words


def test_who_changed_what(shop, staff, admin):
    shop.product("ring", 5)
    staff.send("/stock/RING", "/adjust", delta="2", kind="receipt", reason="Made")

    shown = words(admin.get("/log/"))

    assert f"staff:{staff.id}" in shown
    assert "stock quantity: 5" in shown
    assert "stock quantity: 7" in shown
    assert "Made" in words(admin.get(f"/log/?actor={staff.id}"))
    assert "Nothing of the kind" in words(admin.get("/log/?subject=coupons"))
    for odd in ("subject=none", "subject_id=%00", "actor=%00", "cursor="):
        assert admin.get(f"/log/?{odd}").status_code in (200, 422)


def test_it_is_for_admins_alone(staff):
    assert "Audit log" not in staff.get("/").text
    assert staff.get("/log/").status_code == 403
