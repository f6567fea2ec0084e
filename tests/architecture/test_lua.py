import inspect
import keyword
import re
from importlib import import_module
from pathlib import Path

import pytest

from app.core.lua import ROOT as LUA
from app.core.lua import LuaScript
from tests.architecture.lua_header import disagreements, shared_names

ROOT = Path(__file__).parents[2]
SHARED = sorted(LUA.glob("lib/*.lua"))
SCRIPTS = sorted(path for path in LUA.glob("*/*.lua") if path not in SHARED)
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


SHARING = """\
--[[
Count units.

KEYS[2n-1]  stock of line n
KEYS[2n]    reservations of line n

ARGV[1]     order id
ARGV[2..]   units, one per line

Returns
  {"counted", units}   so many
  {"unknown"}          nothing there

Cost O(lines)
]]
local lines, unknown = count(2, ARGV[1])
if #unknown > 1 then
  return unknown
end
return { "counted", #lines }
"""

COUNT = """\
-- Counts the lines of a call.
local function look(line, id)
  local fields = { "server", "epoch" }
  local known = redis.call("HMGET", line.stock, unpack(fields))
  return known[1] == id
end

local function count(units_from, id)
  local lines, unknown = {}, { "unknown" }
  for number = 1, #ARGV - units_from + 1 do
    local stock, reservations = KEYS[2 * number - 1], KEYS[2 * number]
    lines[number] = look({ stock, reservations, ARGV[units_from + number - 1] }, id)
  end
  return lines, unknown
end
"""


def module_of(room):
    return import_module(f"app.{room}.scripts")


def sources_by_name():
    """Read every script of every room as Redis is sent it: what it shares, then its own."""
    rooms = {path.parent.name for path in (ROOT / "app").glob("*/scripts.py")}
    return {
        script.name: script.source
        for room in sorted(rooms)
        for script in vars(module_of(room)).values()
        if isinstance(script, LuaScript)
    }


SOURCES = sources_by_name()


def scripts_of(room):
    """Name the functions that a room's scripts.py offers, for one claim or for many at once."""
    module = module_of(room)
    return {
        name.removesuffix("_all")
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
    own = path.read_text()
    source = SOURCES[f"{path.parent.name}/{path.stem}"]

    assert source.endswith(own)
    assert disagreements(own, source.removesuffix(own)) == []
    assert len(own.splitlines()) <= LONGEST


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.stem)
def test_a_shared_file_says_what_it_is_for_and_is_shared(path):
    shared = path.read_text()
    users = [source for source in SOURCES.values() if shared in source]

    assert re.match(r"-- [A-Z].*\.\n", shared)
    assert len(shared.splitlines()) <= LONGEST
    assert len(users) > 1
    for source in users:
        rest = source.replace(shared, "")
        assert any(re.search(rf"\b{name}\(", rest) for name in shared_names(shared))


def test_a_script_has_every_shared_function_that_it_calls():
    for name, source in SOURCES.items():
        called = {
            function
            for path in SHARED
            for function in shared_names(path.read_text())
            if re.search(rf"\b{function}\(", source)
        }
        assert called <= set(shared_names(source)), name


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
            [f"KEYS[{n}] is read, but not named" for n in (2, 4, 6)],
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


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("", "", []),
        (
            "count(2, ",
            "count(3, ",
            ["ARGV[5] is read, but not named", "ARGV[2] is named, but not read"],
        ),
        (
            "KEYS[2n]    reservations of line n\n",
            "",
            [f"KEYS[{n}] is read, but not named" for n in (2, 4, 6)],
        ),
        ('  {"unknown"}          nothing there\n', "", ['"unknown" is returned, but not listed']),
        ("return unknown", "return", ['"unknown" is listed, but not returned']),
    ],
)
def test_what_a_shared_function_reads_and_returns_counts_where_it_is_called(old, new, told):
    assert old in SHARING
    assert disagreements(SHARING.replace(old, new), COUNT) == told
