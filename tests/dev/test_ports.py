"""Ports: two processes that look for one at the same time are never given the same."""

import subprocess
import sys

from dev import ports
from dev.stack import ROOT

ASK = (
    "from dev import ports; ports.LOWEST, ports.HIGHEST = {}, {}; print(ports.free_port(), end='')"
)


def test_a_port_that_this_process_was_given_is_given_to_no_other():
    """Nobody listens on it yet, which is when it used to be given twice."""
    mine = ports.free_port()

    asked = subprocess.run(
        [sys.executable, "-c", ASK.format(mine, mine)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert asked.stdout == ""
    assert "No free port found" in asked.stderr


def test_a_port_is_given_again_once_its_process_is_gone():
    ask = [sys.executable, "-c", "from dev import ports; print(ports.free_port(), end='')"]
    port = int(subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    again = [sys.executable, "-c", ASK.format(port, port)]
    given = subprocess.run(again, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert int(given) == port


def test_two_ports_that_belong_together_are_both_kept():
    port = ports.free_port(and_above=1_000)

    assert ports._take(port + 1_000) is False
    assert port + 1_000 <= ports.HIGHEST
