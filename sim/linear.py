"""
Linearizability of the stock of one SKU: a search after Wing and Gong, with a memory.

A recorded history is a list of operations, each with the moments at which it was called and
answered. It is linearizable where every operation can be given one instant between the two, such
that in the order of the instants a shelf of the specification answers as the shop did. An operation
whose outcome nobody knows may have any instant after its call, or none.

Nothing here knows the shop; `tests/sim/test_linear.py` feeds it histories made by hand.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# A search that takes longer than this many states is given up, and says so.
MOST_STATES = 20_000


@dataclass(frozen=True, slots=True)
class Op:
    """
    One operation on one SKU.

    ``kind`` is what was asked, and ``seen`` what was answered where that tells a number:

    - ``reserve``, ``commit``: the order has ``units`` from then on, unless it had them before
    - ``refuse``: fewer than ``units`` were available, namely ``seen`` where that is known
    - ``spare``: at least ``units`` were available, and were not taken
    - ``release``: the order has nothing any more
    - ``expire``: the same, unless it is paid
    - ``adjust``: ``units`` more, or fewer, are there
    - ``refuse_adjust``: ``units`` could not leave
    - ``read``: ``seen`` units were available
    - ``hide``, ``show``: units of an order are counted twice for a while, and no more

    Without ``answered`` its outcome is unknown. With ``may`` it may never have happened, though
    not after ``answered``.
    """

    kind: str
    called: int
    answered: int | None = None
    order: str = ""
    units: int = 0
    seen: int | None = None
    may: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the specification knows of one SKU: the units nobody has, and who has the others."""

    free: int
    held: frozenset[tuple[str, int]] = frozenset()
    paid: frozenset[tuple[str, int]] = frozenset()
    hidden: frozenset[tuple[str, int]] = frozenset()

    @property
    def shown(self) -> int:
        """What a reader may be told."""
        return max(self.free - sum(units for _, units in self.hidden), 0)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a search came to; ``best`` is the longest order of operations that it could explain."""

    is_linearizable: bool
    is_decided: bool = True
    states: int = 0
    best: Sequence[Op] = field(default=())
    stuck: Sequence[Op] = field(default=())


def apply(shelf: Shelf, op: Op) -> Shelf | None:
    """Do an operation on a shelf; None where it could not have been answered as it was."""
    return _RULES[op.kind](shelf, op)


def check(units: int, ops: Sequence[Op], *, most_states: int = MOST_STATES) -> Verdict:
    """Search an order of operations that explains every answer, with ``units`` to begin with."""
    ops = sorted(ops, key=lambda op: (op.called, op.answered or 0))
    start = Shelf(units)
    seen: set[tuple[int, Shelf]] = set()
    stack: list[tuple[int, Shelf, tuple[int, ...]]] = [(0, start, ())]
    best: tuple[int, ...] = ()
    stuck: list[int] = []
    required = sum(1 << n for n, op in enumerate(ops) if op.answered is not None and not op.may)
    while stack:
        done, shelf, path = stack.pop()
        if done & required == required:
            return Verdict(True, states=len(seen), best=[ops[n] for n in path])
        if (done, shelf) in seen:
            continue
        seen.add((done, shelf))
        if len(seen) > most_states:
            return Verdict(True, is_decided=False, states=len(seen))
        following = [(n, then) for n, then in _next(ops, done, shelf) if then is not None]
        if len(path) >= len(best):
            best, stuck = path, [n for n, _ in _next(ops, done, shelf)]
        # What is certain is tried before what may never have happened.
        following.sort(key=lambda one: (required >> one[0] & 1, -one[0]))
        stack += [(done | 1 << n, then, (*path, n)) for n, then in following]
    return Verdict(
        False, states=len(seen), best=[ops[n] for n in best], stuck=[ops[n] for n in stuck]
    )


def _next(ops: Sequence[Op], done: int, shelf: Shelf) -> Iterator[tuple[int, Shelf | None]]:
    """Try each operation that may be the next: none has to be over before it was called."""
    over = min(
        (op.answered for n, op in enumerate(ops)
            if not done >> n & 1 and op.answered is not None and not op.may),
        default=None,
    )  # fmt: skip
    now = max((ops[n].called for n in range(len(ops)) if done >> n & 1), default=0)
    for n, op in enumerate(ops):
        if done >> n & 1 or (over is not None and op.called > over):
            continue
        if op.may and op.answered is not None and now > op.answered:
            continue
        then = apply(shelf, op)
        # What changes nothing and may be left out is left out.
        if then == shelf and (op.may or op.answered is None):
            continue
        yield n, then


def _has(of: frozenset[tuple[str, int]], order: str) -> int:
    return next((units for name, units in of if name == order), 0)


def _without(of: frozenset[tuple[str, int]], order: str) -> frozenset[tuple[str, int]]:
    return frozenset(one for one in of if one[0] != order)


def _reserve(shelf: Shelf, op: Op) -> Shelf | None:
    if _has(shelf.held, op.order) or _has(shelf.paid, op.order):
        return shelf
    if shelf.free < op.units:
        return None
    held = shelf.held | {(op.order, op.units)}
    return Shelf(shelf.free - op.units, held, shelf.paid, shelf.hidden)


def _commit(shelf: Shelf, op: Op) -> Shelf | None:
    if _has(shelf.paid, op.order):
        return shelf
    held = _has(shelf.held, op.order)
    if not held and shelf.free < op.units:
        return None
    paid = shelf.paid | {(op.order, op.units)}
    free = shelf.free - (0 if held else op.units)
    return Shelf(free, _without(shelf.held, op.order), paid, shelf.hidden)


def _refuse(shelf: Shelf, op: Op) -> Shelf | None:
    is_theirs = _has(shelf.held, op.order) or _has(shelf.paid, op.order)
    fits = op.seen in (None, shelf.shown) and shelf.shown < op.units
    return shelf if fits and not is_theirs else None


def _spare(shelf: Shelf, op: Op) -> Shelf | None:
    own = _has(shelf.held, op.order)
    return shelf if shelf.free + own >= op.units else None


def _release(shelf: Shelf, op: Op) -> Shelf | None:
    units = _has(shelf.held, op.order) + _has(shelf.paid, op.order)
    held, paid = _without(shelf.held, op.order), _without(shelf.paid, op.order)
    return Shelf(shelf.free + units, held, paid, shelf.hidden)


def _expire(shelf: Shelf, op: Op) -> Shelf | None:
    units = _has(shelf.held, op.order)
    return Shelf(
        shelf.free + units, _without(shelf.held, op.order), shelf.paid, shelf.hidden
    )  # fmt: skip


def _adjust(shelf: Shelf, op: Op) -> Shelf | None:
    free = shelf.free + op.units
    return Shelf(free, shelf.held, shelf.paid, shelf.hidden) if free >= 0 else None


def _refuse_adjust(shelf: Shelf, op: Op) -> Shelf | None:
    return shelf if shelf.shown < -op.units else None


def _read(shelf: Shelf, op: Op) -> Shelf | None:
    return shelf if shelf.shown == op.seen else None


def _hide(shelf: Shelf, op: Op) -> Shelf | None:
    hidden = _without(shelf.hidden, op.order) | {(op.order, op.units)}
    return Shelf(shelf.free, shelf.held, shelf.paid, hidden)


def _show(shelf: Shelf, op: Op) -> Shelf | None:
    return Shelf(shelf.free, shelf.held, shelf.paid, _without(shelf.hidden, op.order))


_RULES: Mapping[str, Any] = {
    "reserve": _reserve, "commit": _commit, "refuse": _refuse, "spare": _spare,
    "release": _release, "expire": _expire, "adjust": _adjust, "refuse_adjust": _refuse_adjust,
    "read": _read, "hide": _hide, "show": _show,
}  # fmt: skip
