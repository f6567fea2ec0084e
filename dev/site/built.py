"""
Look at the pages as they were built.

Every link and anchor has to lead somewhere, and no page may load anything from another host. What
built them does not matter.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser loads by itself, and by which attribute. A link that somebody follows may lead out.
_LOADS = {
    "script": "src", "img": "src", "iframe": "src", "source": "src", "embed": "src",
    "audio": "src", "video": "src", "object": "data", "use": "href",
}  # fmt: skip
_LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "preconnect", "dns-prefetch"}
_IN_STYLE = re.compile(r"""(?:url\(\s*|@import\s+)["']?((?:https?:)?//[^"')\s]+)""")


@dataclass
class Page(HTMLParser):
    """What one page links to, what it loads, and what can be linked to in it."""

    path: Path
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)
    is_style: bool = False

    def __post_init__(self) -> None:
        """Read it."""
        super().__init__()
        self.feed(self.path.read_text())

    def __hash__(self) -> int:
        """Tell it by its path."""
        return hash(self.path)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag names."""
        told = {name: value or "" for name, value in attrs}
        self.anchors |= {told[name] for name in ("id", "name") if name in told}
        self.is_style = tag == "style"
        if "style" in told:
            self.loaded += _IN_STYLE.findall(told["style"])
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        if tag == "link":
            is_loaded = _LOADED_LINKS & set(told.get("rel", "").split())
            (self.loaded if is_loaded else self.links).append(told.get("href", ""))
        elif tag in _LOADS and told.get(_LOADS[tag]):
            self.loaded.append(told[_LOADS[tag]])

    def handle_data(self, data: str) -> None:
        """Note what a style within the page loads."""
        if self.is_style:
            self.loaded += _IN_STYLE.findall(data)

    def handle_endtag(self, tag: str) -> None:
        """Leave a style."""
        self.is_style = self.is_style and tag != "style"


def findings(folder: Path) -> list[str]:
    """Tell every link that leads nowhere, and everything that is loaded from elsewhere."""
    pages = {path.resolve(): Page(path.resolve()) for path in sorted(folder.rglob("*.html"))}
    found = [one for page in pages.values() for one in _of_page(page, pages, folder.resolve())]
    for style in sorted(folder.rglob("*.css")):
        addresses = _IN_STYLE.findall(style.read_text())
        found += [f"{style.relative_to(folder)} loads {address}" for address in addresses]
    return found


def _of_page(page: Page, pages: dict[Path, Page], folder: Path) -> Iterator[str]:
    name = page.path.relative_to(folder)
    for address in dict.fromkeys(page.loaded):
        if urlsplit(address).netloc:
            yield f"{name} loads {address}"
        elif not address.startswith("data:") and _missing(page, address, pages, folder):
            yield f"{name} loads {address}, which is not there"
    for address in dict.fromkeys(page.links):
        told = urlsplit(address)
        if not told.scheme and not told.netloc:
            what = _missing(page, address, pages, folder)
            if what:
                yield f"{name} links to {address}: {what}"


def _missing(page: Page, address: str, pages: dict[Path, Page], folder: Path) -> str | None:
    """Tell what of an address is not there: the file, or the anchor in it."""
    told = urlsplit(address)
    path = unquote(told.path)
    place = page.path
    if path:
        place = (folder / path[1:] if path.startswith("/") else page.path.parent / path).resolve()
    if place.is_dir():
        place /= "index.html"
    if not place.is_file():
        return "there is no such page"
    # An address that ends in a bare # is the page itself.
    if told.fragment and place in pages and unquote(told.fragment) not in pages[place].anchors:
        return "the page has no such place"
    return None
