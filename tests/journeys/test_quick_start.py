"""The quick start works as it is written, command by command."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.ports import free_port
from dev.stack import ROOT, stack

PAGE = ROOT / "docs" / "quick-start.md"
# What of the environment somebody has who has nothing but the repository.
CLEAN = {name: os.environ[name] for name in ("HOME", "PATH", "LANG") if name in os.environ}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the servers' user can reach."""
    with tempfile.TemporaryDirectory(prefix="ora-quick-start-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def commands():
    """Every command of the page, but for the first block: that one serves the shop."""
    served, *blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert served == "make run\n"
    return "".join(blocks)


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page's commands need curl")
def test_every_command_of_the_page_does_what_the_page_says(open_folder, monkeypatch):
    # On a machine that is busy with other tests.
    monkeypatch.setattr("dev.stack._READY_SECONDS", 300.0)
    port, sandbox_port = free_port(), free_port()
    with stack(
        open_folder / "run", port=port, sandbox_port=sandbox_port, durable=False, environ=CLEAN,
        output=open_folder / "log",
    ) as shop:  # fmt: skip
        # Other ports than the page's, which somebody may be using; nothing else is another.
        script = (
            commands()
            .replace("http://127.0.0.1:8000", shop.base_url)
            .replace("http://127.0.0.1:8001", shop.sandbox_url)
            .replace(".data/run/env", str(shop.env_file))
        )
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", script],
            cwd=ROOT, env=CLEAN, capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr + script
    available = re.findall(r'"available":\s*(\d+)', done.stdout.partition('"confirmed"')[0])
    first, after = int(available[-2]), int(available[-1])
    assert after == first - 1
    assert '"order_status":"confirmed"' in done.stdout.replace(" ", "")
    assert "you@example.com is an admin now." in done.stdout
    assert re.search(r"ORA-RG-FLASH20 +19 +0 +0 +19 +19", done.stdout), done.stdout
    assert "0 of them differ." in done.stdout
