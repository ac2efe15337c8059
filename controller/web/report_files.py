"""A report as files: a workbook with a sheet for each table, or one table as plain text.

Names come from outside, so no cell is ever a formula: a workbook's cells are written as text, and in plain text an apostrophe
goes before what a spreadsheet would take for a formula.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

import xlsxwriter
from litestar import Response

from controller.config import HallConfig
from controller.report_values import Report
from controller.web.language import Language, word
from controller.web.report_tables import Cell, Kind, Table, heads, tables

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORMATS: dict[Kind, str] = {"text": "@", "count": "#,##0", "number": "0.0", "time": "0.0", "minutes": "0.0", "share": "0.0%"}
_WIDTH = 14
CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def plain_text(table: Table, language: Language) -> bytes:
    """A table as CSV."""
    return as_csv(heads(table, language), table.cells())


def attached(content: bytes, kind: str, name: str) -> Response[bytes]:
    """A file that the browser keeps."""
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def as_csv(head: Iterable[str], rows: Iterable[Iterable[Cell]]) -> bytes:
    """Rows as CSV, with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(harmless(cell) for cell in head)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def harmless(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula; figures stay as they are."""
    if isinstance(cell, float):
        return round(cell, 4)
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA) else cell


def workbook(report: Report, config: HallConfig, language: Language) -> bytes:
    """All tables as an XLSX workbook."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        formats = {kind: book.add_format({"num_format": form}) for kind, form in _FORMATS.items()}
        for table in tables(report, config, language):
            _sheet(book.add_worksheet(word(language, f"reports.{table.name}")[:31]), table, language, head, formats)
    return out.getvalue()


def _sheet(sheet: Any, table: Table, language: Language, head: Any, formats: Mapping[Kind, Any]) -> None:
    sheet.set_column(0, 0, 2 * _WIDTH)
    sheet.set_column(1, len(table.columns) - 1, _WIDTH)
    sheet.freeze_panes(1, 1)
    for column, text in enumerate(heads(table, language)):
        sheet.write_string(0, column, text, head)
    for row, cells in enumerate(table.cells(), 1):
        for column, (cell, kind) in enumerate(zip(cells, (c.kind for c in table.columns), strict=True)):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell, formats[kind])
            elif cell is not None:
                sheet.write_number(row, column, cell, formats[kind])
