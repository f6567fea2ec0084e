import inspect
import keyword
from importlib import import_module
from pathlib import Path

import pytest

from tests.architecture.lua_header import disagreements

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted((ROOT / "lua").rglob("*.lua"))
LONGEST = 80

GOOD = """\
--[[
Count units.

KEYS[2n-1]  stock of line n
KEYS[2n]    reservations of line n
KEYS[last]  order

ARGV[1]     order id
ARGV[2..]   units, one per line

Returns
  {"counted", units}   so many
  {"none"}             nothing there

Cost O(lines)
]]
local id = ARGV[1]
local lines = #ARGV - 1
local order = KEYS[2 * lines + 1]
for line = 1, lines do
  redis.call("HGET", KEYS[2 * line - 1], KEYS[2 * line], ARGV[line + 1])
end
if order then
  return { "none" }
end
return { "counted", 1 }
"""


def scripts_of(room):
    """Name the functions that a room's scripts.py offers."""
    module = import_module(f"app.{room}.scripts")
    return {
        name
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }


def test_each_script_has_one_function_of_its_name_and_each_function_one_script():
    files = {}
    for path in SCRIPTS:
        verb = f"{path.stem}_" if keyword.iskeyword(path.stem) else path.stem
        files.setdefault(path.parent.name, set()).add(verb)
    rooms = {path.parent.name for path in (ROOT / "app").glob("*/scripts.py")}

    assert files == {room: scripts_of(room) for room in rooms}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_scripts_header_says_what_its_body_does(path):
    source = path.read_text()

    assert disagreements(source) == []
    assert len(source.splitlines()) <= LONGEST


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("", "", []),
        ("Count units.", "Count", ["the header does not begin with one sentence"]),
        ("Cost O(lines)\n", "", ["the header has no Cost"]),
        ("Returns\n", "", ["the header has no Returns"]),
        (
            "ARGV[1]     order id\n",
            "",
            ["ARGV[1] is read, but not named"],
        ),
        ("local id = ARGV[1]\n", "", ["ARGV[1] is named, but not read"]),
        ("KEYS[last]  order\n", "", ["KEYS[7] is read, but not named"]),
        (
            "KEYS[2n]    reservations of line n\n",
            "",
            [
                "KEYS[2] is read, but not named",
                "KEYS[6] is read, but not named",
                "KEYS[7] is read, but not named",
            ],
        ),
        (", ARGV[line + 1])", ")", [f"ARGV[{n}] is named, but not read" for n in (2, 3, 4)]),
        (
            '{ "none" }',
            '{ "nothing" }',
            ['"nothing" is returned, but not listed', '"none" is listed, but not returned'],
        ),
        ('  {"none"}             nothing there\n', "", ['"none" is returned, but not listed']),
        ('return { "none" }', "return", ['"none" is listed, but not returned']),
    ],
)
def test_a_header_that_says_something_else_is_found(old, new, told):
    assert old in GOOD
    assert disagreements(GOOD.replace(old, new)) == told
