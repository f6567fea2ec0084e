"""Tables that a spreadsheet opens as they are."""

import csv
import io

import pytest

from app.core.csv_rows import csv_lines


def read(lines):
    text = "".join(lines)
    assert text[0] == "\N{ZERO WIDTH NO-BREAK SPACE}"
    return list(csv.reader(io.StringIO(text[1:])))


def test_what_is_written_is_read_again():
    rows = [["a, b", 'a "ring"', "two\nlines", "अंगूठी"], [1, -2, 1.5, None]]

    assert read(csv_lines(["w", "x", "y", "z"], rows)) == [
        ["w", "x", "y", "z"],
        ["a, b", 'a "ring"', "two\nlines", "अंगूठी"],
        ["1", "-2", "1.5", ""],
    ]


def test_lines_come_as_their_rows_do():
    lines = csv_lines(["n"], iter([[1], [2]]))

    assert [line.strip("\N{ZERO WIDTH NO-BREAK SPACE}\r\n") for line in lines] == ["n", "1", "2"]


@pytest.mark.parametrize("cell", ["=1+1", "+a", "-a", "@SUM(A1)", "\tx", "\rx", "-1+1", "- 1", "="])
def test_what_a_spreadsheet_would_run_is_text(cell):
    assert read(csv_lines(["x"], [[cell]]))[1] == [f"'{cell}"]


@pytest.mark.parametrize("cell", ["-1", "+919876543210", "-1.50", "a=b", "", "1-1"])
def test_numbers_and_texts_stay_as_they_are(cell):
    assert read(csv_lines(["x", "y"], [[cell, "y"]]))[1] == [cell, "y"]
