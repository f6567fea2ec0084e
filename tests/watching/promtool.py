"""Prometheus' own checker, where it is installed (Debian has it in the package `prometheus`)."""

import shutil

import pytest

PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
