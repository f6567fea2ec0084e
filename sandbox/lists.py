"""What all kinds of entities have in common when they are listed, shown or annotated."""

import time
from dataclasses import replace

from sandbox import fields
from sandbox.entities import Entity, public, with_card
from sandbox.mishaps import switch
from sandbox.store import Books, Page


def fresh_enough(page: Page) -> Page:
    """Leave out of a list what is too new for it, where a fault makes lists lag."""
    stale_seconds = switch("stale_seconds")
    if not stale_seconds:
        return page
    newest = int(time.time()) - stale_seconds
    return replace(page, created_to=min(newest, page.created_to or newest))


def with_new_notes(books: Books, kind: str, entity: Entity) -> Entity:
    """Replace the notes of an entity by those of the request, and show it."""
    body = fields.json_body(("notes",))
    fields.required(body, "notes")
    entity["notes"] = fields.notes(body)
    books.keep(kind, entity)
    return public(entity)


def shown_payment(payment: Entity, *, is_with_card: bool) -> Entity:
    """Show a payment, with its card only where that was asked for."""
    return with_card(payment) if is_with_card else public(payment)
