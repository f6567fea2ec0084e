"""An invoice as PDF: typeset from its facts, the same each time it is asked for."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import fontpkg_noto_sans
import fontpkg_noto_sans_devanagari

from app.core.money import rupees
from app.invoices.facts import day
from app.invoices.models import Invoice

LAYOUT = Path(__file__).with_name("layout.typ")
TITLES = {"invoice": "Tax invoice", "credit_note": "Credit note"}
_MONEY = ("unit_price", "discount", "taxable", "cgst", "sgst", "igst", "total")


def pdf(invoice: Invoice) -> bytes:
    """Typeset an invoice; names in Devanagari come out as they should."""
    facts = invoice.facts | {
        "title": TITLES[invoice.kind],
        "number": invoice.number,
        "date": day(invoice.issued_at),
        "items": [_in_rupees(item) for item in invoice.facts["items"]],
        "sums": _in_rupees(invoice.facts["sums"]),
    }
    # Handed over as data, so that nothing in it is read as markup.
    printed = _compiler().compile(format="pdf", sys_inputs={"facts": json.dumps(facts)})
    assert isinstance(printed, bytes), "one document"  # noqa: S101
    return printed


def _in_rupees(figures: Mapping[str, Any]) -> dict[str, Any]:
    return dict(figures) | {name: rupees(figures[name]) for name in _MONEY if name in figures}


@cache
def _compiler() -> Any:
    # Six megabytes that no process needs which prints nothing.
    import typst  # noqa: PLC0415

    fonts = [
        str(Path(package.__file__).with_name("files"))
        for package in (fontpkg_noto_sans, fontpkg_noto_sans_devanagari)
    ]
    return typst.Compiler(LAYOUT, font_paths=fonts, ignore_system_fonts=True)  # type: ignore[misc]
