"""Where there is a node and its packages, and what to do where there is none."""

import os
from pathlib import Path

import pytest

from dev import node
from dev.errors import DevError


def require(folder: Path) -> Path:
    """Skip a test where a folder's packages cannot be had; fail it where they were promised."""
    try:
        return node.installed(folder)
    except DevError as error:
        if os.environ.get("ORA_TESTS_NODE") == "required":
            pytest.fail(str(error))
        pytest.skip(f"npm's packages cannot be had: {error}")
