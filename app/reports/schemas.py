"""The words in which the API speaks of reports."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load

from app.core.fields import Answer
from app.core.india import INDIA
from app.reports.reports import LONGEST_DAYS

# No calendar ends close to these, so that days before and after can be counted.
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)


class PeriodQuery(Schema):
    """Which days, by India's calendar, both included; the last thirty, unless told otherwise."""

    first = fields.Date(load_default=None, data_key="from", metadata={"example": "2026-11-01"})
    last = fields.Date(load_default=None, data_key="to", metadata={"example": "2026-11-30"})

    @post_load
    def _fill(self, query: dict[str, date | None], **_: Any) -> dict[str, date]:
        for name, day in (("from", query["first"]), ("to", query["last"])):
            if day is not None and not EARLIEST <= day <= LATEST:
                raise ValidationError(f"is not between {EARLIEST} and {LATEST}", name)
        last = query["last"] or datetime.now(UTC).astimezone(INDIA).date()
        first = query["first"] or last - timedelta(days=29)
        if first > last:
            raise ValidationError("is after to", "from")
        if (last - first).days >= LONGEST_DAYS:
            raise ValidationError(f"is more than {LONGEST_DAYS} days before to", "from")
        return {"first": first, "last": last}


class ReportSchema(Answer):
    """A report: what its columns are called, its rows, and their sums."""

    columns = fields.List(fields.String(), metadata={"example": ["day", "orders", "total_paise"]})
    rows = fields.List(fields.List(fields.Raw()))
    sums = fields.List(fields.Raw(allow_none=True))
