"""Reads a Lua script's header and body, and tells where the two do not say the same."""

import re

# How many lines or products an example call has: enough to tell 3n-2 from n.
MANY = 3
_FUNCTION = re.compile(r"^local function (\w+)\((.*?)\)\n(.*?)^end$", re.MULTILINE | re.DOTALL)
_FORM = r"(?:\d+\.\.|\d*n(?:[+-]\d+)?|\d+|last|next)"


def disagreements(source: str, shared: str = "") -> list[str]:
    """
    Tell what header and body do not agree on, in sentences.

    A function of the ``shared`` source counts as if its lines stood where the body calls it.
    """
    header, _, own = source.partition("]]")
    body = _with_called(own, shared)
    header = header.removeprefix("--[[")
    told = []
    sentence = header.strip().split("\n\n", 1)[0].split("\n")
    if not (len(sentence) == 1 and sentence[0].endswith(".")):
        told.append("the header does not begin with one sentence")
    told += [
        f"the header has no {section}"
        for section in ("Returns", "Cost")
        if not re.search(rf"^{section}\b", header, re.MULTILINE)
    ]
    for name in ("KEYS", "ARGV"):
        named = _named(header, name, body)
        read = _read(body, name)
        told += [f"{name}[{index}] is read, but not named" for index in sorted(read - named)]
        told += [f"{name}[{index}] is named, but not read" for index in sorted(named - read)]
    listed = set(re.findall(r'^  \{"(\w+)"', header, re.MULTILINE))
    returned = _returned(own, body)
    told += [f'"{word}" is returned, but not listed' for word in sorted(returned - listed)]
    told += [f'"{word}" is listed, but not returned' for word in sorted(listed - returned)]
    return told


def shared_names(shared: str) -> list[str]:
    """List the functions that a shared source offers."""
    return [name for name, _, _ in _FUNCTION.findall(shared)]


def _with_called(body: str, shared: str) -> str:
    """Add the lines of each function that is called, with the call's arguments filled in."""
    # What is defined later calls what is defined before.
    for name, parameters, lines in reversed(_FUNCTION.findall(shared)):
        for arguments in re.findall(rf"\b{name}\(([^()]*)\)", body):
            filled = dict(zip(parameters.split(", "), arguments.split(", "), strict=False))
            body += re.sub(r"\b\w+\b", lambda word, f=filled: f.get(word[0], word[0]), lines)
    return body


def _returned(own: str, body: str) -> set[str]:
    """List the words that a script's replies begin with, whether it writes or names the table."""
    replies = " ".join(re.findall(r"\breturn (\{\n.*?\}|[^\n]+)", own, re.DOTALL))
    words = set(re.findall(r'\{\s*"(\w+)"', replies))
    for names, values in re.findall(r"^\s*local ([\w, ]+) = (.+)$", body, re.MULTILINE):
        for name, value in zip(names.split(", "), re.split(r", (?=\{)", values), strict=False):
            begun = re.match(r'\{ "(\w+)"', value)
            if begun and re.search(rf"\b{name}\b", replies):
                words.add(begun[1])
    return words


def _named(header: str, name: str, body: str) -> set[int]:
    """List the indices that a header's forms stand for in an example call."""
    forms = re.findall(rf"^{name}\[({_FORM})\]", header, re.MULTILINE)
    named: set[int] = set()
    for form in forms:
        if form in ("last", "next"):
            # A line's keys may be more than those that the script reads.
            steps = [int(n or 1) for n in re.findall(r"\b(\d*)n\b", " ".join(forms))]
            named.add(MANY * max(steps, default=0) + (1 if form == "last" else 2))
        elif form.endswith(".."):
            first = int(form[:-2])
            named |= set(range(first, first + MANY * _step(body)))
        else:
            expression = re.sub(r"(\d)n", r"\1*n", form)
            named |= {eval(expression, {"n": n}) for n in range(1, MANY + 1)}
    return named


def _step(body: str) -> int:
    """Tell how many arguments belong to each of those that go on to the last."""
    stepped = re.search(r"for first = \d+, #ARGV, (\d+)", body)
    return int(stepped[1]) if stepped else 1


def _read(body: str, name: str) -> set[int]:
    """List the indices that a body reads in the same call."""
    read: set[int] = set()
    for expression in re.findall(rf"\b{name}\[([^\]]+)\]", body):
        for variables in _calls(body):
            # How many lines there are is `lines` in one script, and the length of it in another.
            read.add(eval(expression.replace("#lines", "lines"), {}, variables))
    return read


def _calls(body: str) -> list[dict[str, int]]:
    """List what the loop variables stand for in turn."""
    stepped = re.search(r"for first = (\d+), #ARGV, (\d+)", body)
    start, step = (int(stepped[1]), int(stepped[2])) if stepped else (1, 1)
    return [
        dict.fromkeys(("line", "product", "number"), n)
        | {"lines": MANY, "products": MANY, "first": start + (n - 1) * step}
        for n in range(1, MANY + 1)
    ]
