"""Lines of a text table: as columns where they fit, else turned on its side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, chop_cells

_NARROWEST = 12
"""Cells of a column of words below which they are read better as a block."""


def lay_out(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    is_number: Sequence[bool],
    width: int | None,
) -> Iterator[tuple[str, bool]]:
    """Lay out a table as lines of at most `width` cells, without blanks at their ends.

    Args:
        headings: one a column.
        rows: texts without line breaks.
        is_number: whether a column stands to the right.
        width: cells of a terminal; None never folds, as in a pipe.

    Yields:
        (line, whether it is a heading).
    """
    found = _fitting(headings, rows, is_number, width)
    if width is not None and found is None:
        yield from _blocks(headings, rows, width)
    elif found is not None:
        yield from _columns(headings, rows, is_number, *found)


def _columns(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    is_number: Sequence[bool],
    widths: Sequence[int],
    gap: int,
) -> Iterator[tuple[str, bool]]:
    """One line a row, or more where cells are folded."""
    between = " " * gap
    for line in _lines(headings, widths, is_number, between):
        yield line, True
    yield between.join("─" * size for size in widths), False
    for row in rows:
        for line in _lines(row, widths, is_number, between):
            yield line, False


def _fitting(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    is_number: Sequence[bool],
    width: int | None,
) -> tuple[list[int], int] | None:
    """Widths of columns and the gap between them; None when columns do not fit."""
    cells = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    whole = [max(cell_len(head), size) for head, size in zip(headings, cells, strict=True)]
    if width is None:
        return whole, 2
    folded = [
        max(*(cell_len(word) for word in head.split(" ")), size)
        for head, size in zip(headings, cells, strict=True)
    ]
    for sizes, gap in ((whole, 2), (folded, 2), (folded, 1)):
        if sum(sizes) + gap * (len(sizes) - 1) <= width:
            return sizes, gap
    has_words = [
        not number and any(" " in row[index] for row in rows)
        for index, number in enumerate(is_number)
    ]
    for gap in (2, 1):
        if found := _narrowed(folded, has_words, width - gap * (len(folded) - 1)):
            return found, gap
    return None


def _narrowed(sizes: Sequence[int], has_words: Sequence[bool], width: int) -> list[int] | None:
    """Widths that fit, taken from the widest columns of words; None when those are too narrow."""
    found = list(sizes)
    while sum(found) > width:
        wide = [i for i, words in enumerate(has_words) if words and found[i] > _NARROWEST]
        if not wide:
            return None
        found[max(wide, key=found.__getitem__)] -= 1
    return found


def _lines(
    row: Sequence[str], widths: Sequence[int], is_number: Sequence[bool], between: str
) -> Iterator[str]:
    """A row, on as many lines as its longest cell takes."""
    folded = [fold(text, size) for text, size in zip(row, widths, strict=True)]
    for number in range(max(map(len, folded))):
        cells = []
        for lines, size, right in zip(folded, widths, is_number, strict=True):
            text = lines[number] if number < len(lines) else ""
            blanks = " " * (size - cell_len(text))
            cells.append(blanks + text if right else text + blanks)
        yield between.join(cells).rstrip()


def _blocks(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> Iterator[tuple[str, bool]]:
    """One block a row: a line or more for each column."""
    label = min(max(map(cell_len, headings)), width // 2)
    for number, row in enumerate(rows, start=1):
        yield f"row {number}", True
        for heading, value in zip(headings, row, strict=True):
            for index, text in enumerate(fold(value, width - label - 4)):
                name = heading if index == 0 else ""
                yield f"  {name}{' ' * (label - cell_len(name))}  {text}".rstrip(), False


def fold(text: str, width: int) -> list[str]:
    """A text as lines of at most `width` cells, broken between words where that is possible."""
    lines: list[str] = []
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and cell_len(joined) <= width:
            lines[-1] = joined
        else:
            lines += chop_cells(word, width) or [""]
    return lines
