"""Staff decide on a return, line by line: how many units may come back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.core.actors import require_another
from app.core.db import transaction
from app.returns import returns
from app.returns.errors import ReturnDecided
from app.returns.models import Return


def decide_return(
    return_id: UUID,
    lines: Mapping[str, Mapping[str, Any]],
    *,
    is_approved: bool,
    note: str | None,
    actor: str,
) -> Return:
    """
    Approve or reject a return; told again, the same decision changes nothing.

    Until the units are received it may be decided anew, and rejected where they do not come.

    ``lines`` (by SKU) say what differs of a line: ``quantity`` units of it are approved, 0 to
    reject it; ``note``; whether it is meant to be on sale again (``restock``). What is not named is
    approved whole. A return none of whose units are approved is rejected.

    Raises:
        ReturnNotFound: there is none.
        UnitsNotReturnable: naming lines that have fewer units, or are none.
        ReturnDecided: it is over.
        OwnAffair: the order is the actor's own.
    """
    with transaction() as session:
        order, one = returns.lock(session, return_id)
        require_another(actor, order.user_id)
        asked = {line.sku: line.quantity for line in one.lines}
        named = {sku: line.get("quantity", 1) for sku, line in lines.items()}
        returns.require_left({sku: max(units, 1) for sku, units in named.items()}, asked)
        approved = {
            sku: lines.get(sku, {}).get("quantity", units) if is_approved else 0
            for sku, units in asked.items()
        }
        if one.status != "requested" and approved == _approved(one):
            return one
        if one.status not in returns.OPEN:
            raise ReturnDecided(f"The return is {one.status}.", return_status=one.status)
        for line in one.lines:
            told = lines.get(line.sku, {})
            line.approved = approved[line.sku]
            line.note, line.is_to_restock = told.get("note"), told.get("restock")
        status = "approved" if any(approved.values()) else "rejected"
        returns.step(session, one, status, actor=actor, note=note)
        returns.show_in_order(session, order, actor=actor)
        session.refresh(one)
        return one


def _approved(one: Return) -> dict[str, int] | None:
    """Tell what was decided, if it was."""
    if one.status == "withdrawn":
        return None
    return {line.sku: line.approved or 0 for line in one.lines}
