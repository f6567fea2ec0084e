"""A file is tried, told what it would change, and carried out once, on what was seen."""

from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update

from app.catalog.models import Product
from app.core.db import transaction
from app.merchandising import products
from app.transfers import imports, terms
from app.transfers.errors import ImportNotFound, TrialOver
from app.transfers.models import Import
from tests.checkout.steps import at_once
from tests.transfers.files import HEADER, product, table

ACTOR = "admin:test"


@pytest.fixture
def ring(shop):
    shop.product("ring", 5)
    return shop


def tried(text: str, kind: str = "products") -> UUID:
    one = imports.hand_in(kind, text.encode(), is_dry_run=True, actor=ACTOR)
    imports.work(one.id)
    return one.id


def carried_out(trial_id: UUID) -> Import:
    one = imports.carry_out(trial_id, actor=ACTOR)
    imports.work(one.id)
    with transaction() as session:
        return imports.find(session, one.id)


def changes(trial_id):
    with transaction() as session:
        return imports.changes(session, trial_id)


def price(session):
    session.expire_all()
    return session.scalars(select(Product.price).where(Product.sku == "RING")).one()


NEW_PRICE = table(("sku", "price_paise"), ("RING", 90_000))


def test_it_tells_cell_by_cell_what_would_change(ring, session):
    ring.product("chain", 0)
    file = table(
        (*HEADER, "is_active", "stone"),
        [*product("CROWN", description="x" * 900), "", ""],
        [*product("RING", slug="ring", price_paise=90_000, name="=1+1"), "false", "ruby"],
        [*product("CHAIN", slug="chain"), "", ""],
    )

    new, changed = changes(tried(file))

    assert (new["row"], new["sku"], new["is_new"]) == (2, "CROWN", True)
    cells = {name: (old, now) for name, old, now in new["cells"]}
    assert cells["price_paise"] == ("", "100000")
    assert len(cells["description"][1]) == terms.LONGEST
    assert changed == {
        "row": 3, "sku": "RING", "is_new": False,
        "cells": [
            ["name", "The ring", "=1+1"], ["stone", "", "ruby"], ["price_paise", "100000", "90000"],
            ["is_active", "true", "false"],
        ],
    }  # fmt: skip
    assert price(session) == 100_000


def test_it_tells_on_hand_before_and_after(ring):
    file = table(("sku", "delta", "reason"), ("RING", -2, "lost"))

    [change] = changes(tried(file, "stock"))

    assert change["cells"] == [["on_hand", "5", "3"]]
    assert ring.on_hand("ring") == 5


def test_no_more_is_kept_than_somebody_reads(ring, monkeypatch):
    monkeypatch.setattr(terms, "MOST_CHANGES", 2)
    file = table(HEADER, *(product(f"PIN-{number}") for number in range(5)))

    trial_id = tried(file)

    assert [change["row"] for change in changes(trial_id)] == [2, 3]
    assert carried_out(trial_id).counts == {"created": 5}
    assert ring


def test_it_is_carried_out_once_however_often_it_is_asked_for(ring, session, monkeypatch):
    trial_id = tried(NEW_PRICE)
    stage, together = imports._stage, Barrier(2)

    def meet(*args):
        # Two would meet here, if the second did not wait for the first before it looks.
        with suppress(BrokenBarrierError):
            together.wait(0.5)
        stage(*args)

    monkeypatch.setattr(imports, "_stage", meet)
    found = at_once([lambda: imports.carry_out(trial_id, actor=ACTOR).id] * 4)

    assert len(set(found)) == 1
    assert carried_out(trial_id).status == "done"
    assert price(session) == 90_000
    assert ring
    session.expire_all()
    assert session.scalars(select(Import.text)).all() == [None, None]


def test_stock_is_booked_once(ring):
    trial_id = tried(table(("sku", "delta", "reason"), ("RING", 2, "found")), "stock")

    assert carried_out(trial_id).id == carried_out(trial_id).id
    assert ring.on_hand("ring") == 7


@pytest.mark.parametrize(
    ("file", "row"),
    [
        (NEW_PRICE, 2),
        (table(HEADER, product("CROWN"), product("RING", slug="ring", price_paise=5)), 3),
    ],
)
def test_what_was_changed_since_is_not_overwritten(ring, session, file, row):
    trial_id = tried(file)
    products.change_product("RING", revision=1, values={"price": 77})

    ended = carried_out(trial_id)

    assert ended.status == "refused"
    assert [(error["row"], error["detail"]) for error in ended.errors] == [
        (row, "RING was changed since the file was tried")
    ]
    assert price(session) == 77
    assert ring


def test_a_product_that_was_made_since_is_not_overwritten(ring):
    file = table(HEADER, product("CROWN"))
    trial_id = tried(file)
    carried_out(tried(file))

    assert carried_out(trial_id).status == "refused"
    assert ring


def test_what_was_no_trial_is_not_carried_out(ring, session):
    refused = tried(table(("sku", "price_paise"), ("RING", "x")))
    waiting = imports.hand_in("products", NEW_PRICE.encode(), is_dry_run=True, actor=ACTOR)
    real = imports.hand_in("products", NEW_PRICE.encode(), is_dry_run=False, actor=ACTOR)
    imports.work(real.id)

    for import_id in (refused, waiting.id, real.id):
        with pytest.raises(TrialOver):
            imports.carry_out(import_id, actor=ACTOR)
    with pytest.raises(ImportNotFound):
        imports.carry_out(uuid4(), actor=ACTOR)
    assert price(session) == 90_000
    assert ring


def test_files_that_nobody_imports_are_forgotten_after_a_while(ring, session):
    old, new = tried(NEW_PRICE), tried(NEW_PRICE)
    since = Import.ended_at - timedelta(days=2)
    session.execute(update(Import).where(Import.id == old).values(ended_at=since))
    session.commit()

    with transaction() as writing:
        assert imports.forget_files(writing, older_than=timedelta(days=1), limit=10) == 1

    with pytest.raises(TrialOver):
        imports.carry_out(old, actor=ACTOR)
    assert carried_out(new).status == "done"
    assert ring
