"""XLSX as it is: what each cell holds, of which type, in which format."""

import io
import re
from typing import NamedTuple
from xml.etree import ElementTree as ET
from zipfile import ZipFile

_SPACE = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


class Cell(NamedTuple):
    """``kind`` is that of the file: inlineStr a text, n a number."""

    kind: str
    value: str
    format: str = "General"


class Sheet(NamedTuple):
    rows: list[list[Cell]]
    frozen_rows: int


def read_sheet(content: bytes) -> Sheet:
    with ZipFile(io.BytesIO(content)) as parts:
        sheet = ET.fromstring(parts.read("xl/worksheets/sheet1.xml"))
        formats = _formats(ET.fromstring(parts.read("xl/styles.xml")))
    assert sheet.find(".//s:f", _SPACE) is None, "a formula"
    pane = sheet.find(".//s:pane", _SPACE)
    rows = [[_cell(cell, formats) for cell in row] for row in sheet.iterfind(".//s:row", _SPACE)]
    return Sheet(rows, 0 if pane is None else int(pane.attrib["ySplit"]))


def _formats(styles: ET.Element) -> list[str]:
    known = {
        one.attrib["numFmtId"]: one.attrib["formatCode"]
        for one in styles.iterfind(".//s:numFmt", _SPACE)
    } | {"0": "General", "1": "0", "10": "0.00%"}
    return [known[one.attrib["numFmtId"]] for one in styles.iterfind("s:cellXfs/s:xf", _SPACE)]


def _cell(cell: ET.Element, formats: list[str]) -> Cell:
    kind = cell.attrib.get("t", "n")
    text = "".join(cell.itertext())
    # As spreadsheets read what XML cannot hold.
    value = re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)
    return Cell(kind, value, formats[int(cell.attrib.get("s", 0))])
