"""Files of tables: numbers to reckon with, texts that stay texts, breaks that are told."""

from datetime import date

import pytest
from structlog.testing import capture_logs

from app.core import sheets
from tests.sheets import read_sheet


def written(header, rows):
    return read_sheet(b"".join(sheets.xlsx_parts(header, rows)))


def test_numbers_are_numbers_and_days_are_days():
    sheet = written(
        ("day", "orders", "total_paise", "tax_basis_points", "note"),
        [(date(2026, 3, 31), 3, 12_715_968, 300, None), (date(2026, 4, 1), -1, -50, 0, "back")],
    )

    heading, first, second = sheet.rows
    assert [cell.value for cell in heading] == ["day", "orders", "total", "tax", "note"]
    assert sheet.frozen_rows == 1
    day, orders, total, rate = first
    # The 31st of March, counted in days.
    assert day == ("n", "46112", "yyyy-mm-dd")
    assert orders[:2] == ("n", "3")
    assert total[:2] == ("n", "127159.68")
    assert total.format.startswith(r'[>=10000000]"₹"##\,##\,##\,##0.00;[>=100000]"₹"##\,##\,##0.00')
    assert rate == ("n", "0.03", "0.00%")
    assert [cell.value for cell in second] == ["46113", "-1", "-0.5", "0", "back"]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "{=1+1}", "+a", "-a", "@SUM(A1)", "\tx", "https://example.com", "internal:A1",
     "0042", "अंगूठी", "_x0041_", " a ", "<b>&"],
)  # fmt: skip
def test_texts_stay_as_they_are(text):
    [cell] = written(("x",), [(text,)]).rows[1]

    assert cell[:2] == ("inlineStr", text)


def test_a_long_table_is_whole():
    sheet = written(("n", "text"), ((number, "x" * 40) for number in range(30_000)))

    assert [cell.value for cell in sheet.rows[-1]] == ["29999", "x" * 40]
    assert len(sheet.rows) == 30_001


def test_a_file_that_breaks_off_is_logged_and_does_not_end_well():
    def rows():
        yield [1]
        raise ZeroDivisionError

    answer = sheets.table("numbers", sheets.CSV, ["n"], rows())
    lines = answer.iter_encoded()

    assert next(lines).decode("utf-8-sig") == "n\r\n"
    assert next(lines) == b"1\r\n"
    with capture_logs() as logged, pytest.raises(ZeroDivisionError):
        next(lines)
    assert [(one["event"], one["file"]) for one in logged] == [("file.broke_off", "numbers.csv")]
