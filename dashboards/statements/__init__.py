"""Monthly statements as files: a workbook, CSV, a printable page and a journal entry."""

from dashboards.statements.files import write_statements

__all__ = ["write_statements"]
