"""Pictures of products: what is uploaded is checked, drawn anew, and shown to shoppers."""

import io

import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import select

from app.audit.models import Record
from app.merchandising import images, pictures
from tests.backoffice.browser import words

ALT = {"alt": "The ring from above"}
API = "/api/v1/admin/products/RING/images"


def drawn(kind="PNG", size=(2_000, 1_000), colour="gold", **kept):
    """A picture as a camera or a program would write it."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, kind, **kept)
    return file.getvalue()


@pytest.fixture
def ring(shop):
    shop.product("ring", 5)
    return "/products/RING"


@pytest.fixture
def shopper(shop):
    return shop.app.test_client()


def upload(person, content, name="ring.png", **fields):
    return person.send(
        "/products/RING", "/add-image", picture=(io.BytesIO(content), name), **ALT | fields
    )


def shown(shopper, slug="ring"):
    return shopper.get(f"/api/v1/products/{slug}").json["images"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_shown_to_shoppers_whole_and_small(admin, ring, shopper, kind):
    assert upload(admin, drawn(kind)).status_code == 302

    [image] = shown(shopper)
    assert (image["alt"], image["width"], image["height"]) == (ALT["alt"], 1_600, 800)
    for url, width in ((image["url"], 1_600), (image["thumbnail_url"], 320)):
        answer = shopper.get(url)
        assert (answer.status_code, answer.mimetype) == (200, "image/webp")
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert Image.open(io.BytesIO(answer.data)).width == width
        again = shopper.get(url, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    assert image["thumbnail_url"] in admin.get(ring).text


def test_a_list_shows_pictures_too(shop, admin, ring, shopper):
    shop.product("chain", 1)
    upload(admin, drawn())

    told = {one["slug"]: one["images"] for one in shopper.get("/api/v1/products").json["items"]}

    assert [image["alt"] for image in told["ring"]] == [ALT["alt"]]
    assert told["chain"] == []


def test_nothing_but_the_pixels_is_kept(admin, ring, shopper):
    """Scripts beside the pixels, places where they were taken: none of it is passed on."""
    words_in_it = PngImagePlugin.PngInfo()
    words_in_it.add_text("Comment", "<script>alert(1)</script>")
    place = Image.Exif()
    place[0x010E] = "12 Mint Street, Chennai"
    hidden = drawn(pnginfo=words_in_it, exif=place.tobytes()) + b"<script>alert(2)</script>"
    assert b"script" in hidden
    assert b"Mint Street" in hidden

    upload(admin, hidden)

    content = shopper.get(shown(shopper)[0]["url"]).data
    assert b"script" not in content
    assert b"Mint Street" not in content


def test_a_picture_taken_sideways_stands_upright(admin, ring, shopper):
    sideways = Image.Exif()
    sideways[0x0112] = 6
    upload(admin, drawn("JPEG", (400, 200), exif=sideways.tobytes()))

    [image] = shown(shopper)
    assert (image["width"], image["height"]) == (200, 400)


def test_what_is_transparent_is_white(admin, ring, shopper):
    file = io.BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(file, "PNG")
    upload(admin, file.getvalue())

    seen = Image.open(io.BytesIO(shopper.get(shown(shopper)[0]["url"]).data)).convert("RGB")
    assert min(seen.getpixel((25, 25))) > 250


REFUSED = {
    "a page": b"<html><script>alert(1)</script></html>",
    "an SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "a GIF": drawn("GIF"),
    "a TIFF": drawn("TIFF", (50, 50)),
    "half a PNG": drawn()[:200],
    "a PNG that ends": drawn("PNG", (900, 900))[:-40],
    "nothing": b"",
    "a few bytes that claim many pixels": drawn("PNG", (8_000, 6_000)),
}


@pytest.mark.parametrize("content", REFUSED.values(), ids=REFUSED)
def test_what_is_no_picture_is_refused_whatever_it_is_called(admin, ring, shopper, content):
    answer = upload(admin, content, "ring.png")

    assert answer.status_code == 302
    assert "cannot be taken" in words(admin.get(ring))
    assert shown(shopper) == []


def test_a_form_without_words_or_picture_says_so(admin, ring, shopper):
    upload(admin, drawn(), alt=" ")
    assert "what is to be seen" in words(admin.get(ring))
    admin.send(ring, "/add-image", **ALT)
    assert "Choose a picture first" in words(admin.get(ring))
    assert shown(shopper) == []


def test_a_file_that_is_too_large_is_refused_before_it_is_read(admin, ring, shopper):
    answer = admin.client.post(
        "/admin/products/RING/add-image", data=bytes(pictures.MOST_BYTES + 100_000),
        content_type="multipart/form-data; boundary=x",
    )  # fmt: skip

    assert answer.status_code == 413
    assert "Too Large" in words(answer)
    assert shown(shopper) == []


def test_pictures_of_one_name_do_not_replace_each_other(admin, ring, shopper):
    upload(admin, drawn(colour="gold"), "ring.png")
    upload(admin, drawn(colour="silver"), "ring.png")

    one, other = shown(shopper)
    assert shopper.get(one["url"]).data != shopper.get(other["url"]).data


def test_one_is_shown_first_and_another_removed(admin, ring, shopper):
    for alt in ("above", "aside", "worn"):
        upload(admin, drawn(size=(50, 50)), alt=alt)

    worn = shown(shopper)[2]["url"].split("/")[4]
    admin.send(ring, f"{worn}/first")
    assert [image["alt"] for image in shown(shopper)] == ["worn", "above", "aside"]

    above = shown(shopper)[1]
    admin.send(ring, f"{above['url'].split('/')[4]}/remove")
    assert [image["alt"] for image in shown(shopper)] == ["worn", "aside"]
    assert shopper.get(above["url"]).status_code == 404


def test_a_product_has_so_many_and_no_more(shop, ring):
    admin = shop.customer(role="admin")
    for _ in range(images.MOST):
        images.add("RING", drawn(size=(10, 10)), alt="x")

    answer = admin.client.post(
        API, query_string=ALT, data=drawn(size=(10, 10)), headers=admin.headers
    )

    assert (answer.status_code, answer.json["code"]) == (409, "too_many_images")


def test_staff_see_pictures_and_change_none(shop, staff, admin, ring, shopper):
    upload(admin, drawn())
    page = staff.get(ring).text

    assert shown(shopper)[0]["thumbnail_url"] in page
    assert "add-image" not in page
    assert "Show first" not in page
    assert "Remove" not in page
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    refused = staff.client.post("/admin/products/RING/add-image", data={"csrf_token": token})
    assert refused.status_code == 403


def test_over_the_api_they_are_added_arranged_and_removed(shop, ring):
    admin = shop.customer(role="admin")
    added = [
        admin.client.post(
            API, query_string={"alt": alt}, data=drawn(size=(40, 40)), headers=admin.headers
        ).json
        for alt in ("above", "aside")
    ]
    ids = [one["id"] for one in added]

    arranged = admin.put(API, {"ids": ids[::-1]})
    assert [one["alt"] for one in arranged.json["items"]] == ["aside", "above"]
    assert admin.put(API, {"ids": ids[:1]}).status_code == 422
    assert admin.put(API, {"ids": [*ids, ids[0]]}).status_code == 422

    assert admin.delete(f"{API}/{ids[0]}").status_code == 204
    assert admin.delete(f"{API}/{ids[0]}").json["code"] == "image_not_found"
    assert [one["id"] for one in admin.get(API).json["items"]] == [ids[1]]


def test_who_changed_pictures_is_written_down_without_them(session, admin, ring, shopper):
    upload(admin, drawn())

    query = select(Record).where(Record.subject == "product_images")
    record = session.scalars(query).one()
    assert record.actor == f"admin:{admin.id}"
    assert record.after["alt"] == ALT["alt"]
    assert record.after["content"] == record.after["thumbnail"] == "masked"
