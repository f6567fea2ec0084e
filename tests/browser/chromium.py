"""The Chromium that walks the pages: Debian's, since nothing is downloaded for it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

PROGRAM = Path("/usr/bin/chromium")
HOW_TO = f"{PROGRAM} is missing: apt-get install --no-install-recommends chromium"
# It runs as root too, asks nobody for anything, and draws without a card.
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# What a step may take on a machine that is busy with other tests.
PATIENCE_MS = 20_000


def require(program: Path = PROGRAM) -> None:
    """Skip a test where there is no Chromium; fail it where one was promised."""
    if program.exists():
        return
    if os.environ.get("ORA_TESTS_BROWSER") == "required":
        pytest.fail(HOW_TO)
    pytest.skip(HOW_TO)


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Run it until the block ends."""
    require()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=SWITCHES)
        try:
            yield browser
        finally:
            browser.close()
