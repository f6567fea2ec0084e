"""What is written in the repository, as it is on the site."""

import pytest

from dev.errors import DevError
from dev.site import checklist, configuration, pages
from dev.site.pages import BrokenLinkError
from ops.checklist import ITEMS
from tests.site.conftest import ROOT


@pytest.fixture
def written(tmp_path):
    """A small repository; a test writes its pages."""
    for name in pages.ELSEWHERE:
        write(tmp_path, name, f"# {name}\n")
    write(tmp_path, "app/shop.py", "")
    write(tmp_path, "docs/adr/0001-rooms.md", "# 1. Rooms\n")

    def one(text, name="docs/stock.md"):
        write(tmp_path, name, text)
        return pages.gather(tmp_path)[name.removeprefix("docs/")]

    return one


def write(root, name, text):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("link", "on_the_site"),
    [
        ("[why](adr/0001-rooms.md#rooms)", "[why](adr/0001-rooms.md#rooms)"),
        ("[decisions](adr/)", "[decisions](adr/index.md)"),
        ("[changes](../CHANGELOG.md)", "[changes](changelog.md)"),
        ("[scripts](../lua/README.md)", "[scripts](lua.md)"),
        ("[`app/shop.py`](../app/shop.py)", "`app/shop.py`"),
        ("[above](#stock)", "[above](#stock)"),
        ("[elsewhere](https://example.com/a.md)", "[elsewhere](https://example.com/a.md)"),
        ("`[not](a-link.md)`", "`[not](a-link.md)`"),
        ("```\n[not](a-link.md)\n```", "```\n[not](a-link.md)\n```"),
    ],
)
def test_a_link_leads_where_its_page_is_on_the_site(written, link, on_the_site):
    assert written(f"# Stock\n\n{link}\n") == f"# Stock\n\n{on_the_site}\n"


def test_a_page_in_a_folder_links_out_of_it(written):
    page = written("# 2. Two\n\n[stock](../../SECURITY.md)\n", "docs/adr/0002-two.md")

    assert page == "# 2. Two\n\n[stock](../security.md)\n"


def test_a_link_to_nothing_is_named_with_its_line(written):
    with pytest.raises(BrokenLinkError, match=r"docs/stock\.md:3: gone\.md"):
        written("# Stock\n\nIt is [told elsewhere](gone.md).\n")


def test_a_page_that_is_in_no_chapter_is_named_and_so_is_a_chapter_without_a_page():
    nav = [{"Home": "index.md"}, {"Guides": [{"Testing": "testing.md"}]}]

    assert pages.astray(["index.md", "stock.md", "adr/0001-rooms.md"], nav) == [
        "testing.md is in the navigation, and is no page",
        "stock.md is in no chapter of the navigation",
    ]


def test_every_decision_is_listed():
    listed = pages.decisions({"adr/0001-rooms.md": "# 1. Rooms\n", "stock.md": "# Stock\n"})

    assert listed.endswith("- [1. Rooms](0001-rooms.md)\n")
    assert "stock" not in listed


def test_the_page_of_settings_is_what_the_code_has():
    is_written = (ROOT / "docs" / configuration.PAGE).read_text()

    assert is_written == configuration.written(ROOT), "run `make docs`"


def test_the_page_of_the_checklist_has_the_items_of_the_command():
    is_written = (ROOT / "docs" / checklist.PAGE).read_text()

    assert is_written == checklist.written(is_written), "run `make docs`"
    assert is_written.count("\n| `") == len(ITEMS)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("SHIPPING_FEE = ", "# ", "SHIPPING_FEE is a setting, and docs/settings.toml says nothing"),
        ("SHIPPING_FEE = ", "SHOPPING_FEE = ", "SHOPPING_FEE is in docs/settings.toml, and is no"),
    ],
)
def test_a_setting_without_a_word_and_a_word_of_no_setting_are_named(tmp_path, old, new, complaint):
    words = (ROOT / "docs" / configuration.WORDS).read_text()
    write(tmp_path, f"docs/{configuration.WORDS}", words.replace(old, new))

    with pytest.raises(DevError, match=complaint):
        configuration.written(tmp_path)
