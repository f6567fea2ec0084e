"""Who watches a page while somebody is at it, and says what is wrong with it."""

from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, Response

GRAVE = ("serious", "critical")
# Told to the console, where the watcher listens, with what was forbidden and by which rule.
_TELL_VIOLATIONS = """
  document.addEventListener("securitypolicyviolation", (event) =>
    console.error("forbidden by", event.effectiveDirective, event.blockedURI));
"""
_HOW_MUCH_TOO_WIDE = "() => document.documentElement.scrollWidth - window.innerWidth"
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
_axe = Axe()


class Watcher:
    """Collects what goes wrong in a page from now on."""

    def __init__(self, page: Page, home: str) -> None:
        self._page, self._home = page, urlsplit(home).netloc
        self._heard: list[str] = []
        page.add_init_script(_TELL_VIOLATIONS)
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._heard.append(f"error: {error}"))
        page.on("request", self._on_request)
        page.on("requestfailed", lambda one: self._heard.append(f"failed: {one.url}"))
        page.on("response", self._on_response)

    def complaints(self) -> list[str]:
        """Tell what is wrong with the page that is open now, and forget it."""
        self._page.evaluate(_DRAWN)
        found = [*self._heard, *self._too_wide()]
        # Looked at last, since the looking runs a script of its own.
        found += _barriers(self._page)
        self._heard.clear()
        return found

    def _on_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self._heard.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme != "data" and parts.netloc != self._home:
            self._heard.append(f"foreign: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._heard.append(f"answered {response.status}: {response.url}")

    def _too_wide(self) -> list[str]:
        pixels = self._page.evaluate(_HOW_MUCH_TOO_WIDE)
        return [f"wider than the screen by {pixels} px"] if pixels > 0 else []


def _barriers(page: Page) -> list[str]:
    """Name what keeps somebody from using the page, as axe-core finds it."""
    violations = _axe.run(page).response["violations"]
    return [
        f"{one['impact']}: {one['id']} at {node['target']}"
        for one in violations
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]
