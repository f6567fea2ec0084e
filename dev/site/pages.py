"""
Gather the pages of the site from where they are written, so that no prose is kept twice.

A link to another page leads there; a link to a file that is no page is left as its text, since
the site stands alone. A link to nothing is refused, with its file and line.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dev.errors import DevError

# What is written elsewhere than in docs/, and its name on the site.
ELSEWHERE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "lua/README.md": "lua.md",
}
DECISIONS = "adr/index.md"
# They are found from a page of their own: a list of all in the navigation helps nobody.
FOUND_ELSEWHERE = ("adr/", "api/")

_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(([^()\s]+)\)")
_CODE = re.compile(r"^( *)(```|~~~).*?^\1\2[ \t]*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^# +(.+)$", re.MULTILINE)


class BrokenLinkError(DevError):
    """A page names a file that is not there."""


def written(root: Path) -> dict[str, Path]:
    """Tell which file each page of the site is written in."""
    docs = root / "docs"
    found = {str(path.relative_to(docs)): path for path in sorted(docs.rglob("*.md"))}
    return found | {page: root / source for source, page in ELSEWHERE.items()}


def gather(root: Path) -> dict[str, str]:
    """
    Read every page, with its links as they are on the site.

    Raises:
        BrokenLinkError: naming every link to a file that is not there.
    """
    sources = written(root)
    places = {path.resolve(): page for page, path in sources.items()}
    places[(root / "docs" / "adr").resolve()] = DECISIONS
    broken: list[str] = []
    pages = {}
    for page, path in sources.items():
        links = _Links(root=root, path=path, page=page, places=places)
        pages[page] = links.in_text(path.read_text())
        broken += links.broken
    if broken:
        raise BrokenLinkError("Links to files that are not there:\n  " + "\n  ".join(broken))
    return pages


def decisions(pages: Mapping[str, str]) -> str:
    """Write the page that lists every decision."""
    lines = [
        "# Decisions",
        "",
        "Why it is as it is: one page for each decision, the newest last.",
        "",
    ]
    for page, text in sorted(pages.items()):
        if page.startswith("adr/"):
            lines.append(f"- [{title(text)}]({page.removeprefix('adr/')})")
    return "\n".join(lines) + "\n"


def title(text: str) -> str:
    """Tell a page's title."""
    found = _HEADING.search(text)
    if found is None:
        raise DevError(f"A page has no title: {text[:80]!r}")
    return found[1]


def astray(pages: Iterable[str], nav: Any) -> list[str]:
    """Tell what is in the navigation and is no page, and which pages are found from nowhere."""
    there, named = set(pages), set(_named(nav))
    lost = {page for page in there - named if not page.startswith(FOUND_ELSEWHERE)}
    return [
        *(f"{page} is in the navigation, and is no page" for page in sorted(named - there)),
        *(f"{page} is in no chapter of the navigation" for page in sorted(lost)),
    ]


def _named(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for one in nav.values() if isinstance(nav, dict) else nav:
            yield from _named(one)


class _Links:
    """The links of one page."""

    def __init__(self, *, root: Path, path: Path, page: str, places: Mapping[Path, str]) -> None:
        self._root, self._path, self._page, self._places = root, path, page, places
        self.broken: list[str] = []

    def in_text(self, text: str) -> str:
        """Turn every link that is not in a piece of code."""
        done, pieces = 0, []
        for code in _CODE.finditer(text):
            pieces += [self._in_prose(text, done, code.start()), code[0]]
            done = code.end()
        return "".join([*pieces, self._in_prose(text, done, len(text))])

    def _in_prose(self, text: str, begin: int, end: int) -> str:
        done, pieces = begin, []
        for link in _LINK.finditer(text, begin, end):
            paragraph = text.rfind("\n\n", 0, link.start()) + 1
            is_code = text.count("`", max(paragraph, begin), link.start()) % 2
            line = text.count("\n", 0, link.start()) + 1
            turned = link[0] if is_code else self._turned(link[1], link[2], line)
            pieces += [text[done : link.start()], turned]
            done = link.end()
        return "".join([*pieces, text[done:end]])

    def _turned(self, words: str, target: str, line: int) -> str:
        name, _, anchor = target.partition("#")
        if not name or re.match(r"[a-z]+:", target):
            return f"[{words}]({target})"
        place = (self._path.parent / name).resolve()
        page = self._places.get(place)
        if page is not None:
            leads = os.path.relpath(page, Path(self._page).parent)
            return f"[{words}]({leads}{'#' * bool(anchor)}{anchor})"
        if not place.exists():
            self.broken.append(f"{self._path.relative_to(self._root)}:{line}: {target}")
        return words
