"""
Build the documentation into .data/site/html: python -m dev.site [--out DIR].

Fails where a link or an anchor leads nowhere, where a page is missing from the navigation, or
where a page would load anything from another host. Nothing is asked of the network.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dev.errors import DevError
from dev.site import built, checklist, commands, configuration, endpoints, pages

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / ".data" / "site"
CONFIG, IMAGES = "zensical.toml", "docs/images"


def main() -> int:
    """Return 0 where the site was built and nothing is wrong with it."""
    parser = argparse.ArgumentParser(prog="python -m dev.site", description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT, help="what is documented")
    parser.add_argument("--out", type=Path, default=SITE, help="where the site is built")
    asked = parser.parse_args()
    try:
        number = build(asked.root.resolve(), asked.out.resolve())
    except DevError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{number} pages: {asked.out / 'html' / 'index.html'}")
    return 0


def build(root: Path, out: Path) -> int:
    """
    Build the site of a repository, and look at it; returns how many pages it has.

    Raises:
        DevError: telling everything that is wrong.
    """
    told: dict[str, Any] = tomllib.loads((root / CONFIG).read_text())
    (root / "docs" / configuration.PAGE).write_text(configuration.written(root))
    page = root / "docs" / checklist.PAGE
    page.write_text(checklist.written(page.read_text()))
    texts = pages.gather(root)
    texts[pages.DECISIONS] = pages.decisions(texts)
    texts |= endpoints.written() | {commands.PAGE: commands.written()}
    wrong = pages.astray(texts, told["project"]["nav"])
    if wrong:
        raise DevError("\n".join(wrong))
    _write(root, out, texts)
    _run(out)
    found = built.findings(out / "html")
    if found:
        raise DevError("\n".join(found))
    return len(texts)


def _write(root: Path, out: Path, texts: dict[str, str]) -> None:
    """Lay everything out that the generator reads; what was there is of an older build."""
    shutil.rmtree(out, ignore_errors=True)
    for page, text in texts.items():
        path = out / "pages" / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    if (root / IMAGES).exists():
        shutil.copytree(root / IMAGES, out / "pages" / "images")
    config = (root / CONFIG).read_text()
    for page in (endpoints.PAGE, pages.DECISIONS):
        config = config.replace(f'"{page}"', _chapter(page, texts))
    (out / CONFIG).write_text(config)


def _chapter(page: str, texts: Mapping[str, str]) -> str:
    """Name a page and those of its folder, as the navigation has a chapter (TOML)."""
    inside = [name for name in sorted(texts) if name.startswith(page.partition("/")[0] + "/")]
    titled = [
        f"{{ {json.dumps(pages.title(texts[name]))} = {json.dumps(name)} }}"
        for name in inside
        if name != page
    ]
    return f"[{', '.join([json.dumps(page), *titled])}]"


def _run(out: Path) -> None:
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--config-file", CONFIG]
    done = subprocess.run(
        command, cwd=out, env=os.environ | {"NO_COLOR": "1"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise DevError(done.stdout + done.stderr)


if __name__ == "__main__":
    sys.exit(main())
