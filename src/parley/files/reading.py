"""The text of one PDF, Word or Excel file, read in a process of its own.

`python -m parley.files.reading KIND MOST_CHARACTERS SECONDS` with the file on its standard input writes one
JSON object: `text`, `characters` (in all, as far as it was read), `pages`, or `refused` with a code. The
process has a ceiling on memory and processor time, so that a hostile file can hurt nobody else; it has no
secrets in its environment, writes no file and opens no connection. Imports nothing of the product but
`kinds`: it starts in a fifth of a second.

Limits of pypdf: its documentation, "Security" (75 MB per decompressed stream). Parts of an Office file have
no document type declaration (ECMA-376-2, 8.2.5), so one that has is refused: entities need it.
"""

from __future__ import annotations

import io
import json
import logging
import resource
import sys
import time
import zipfile
from collections.abc import Iterator

from parley.files.kinds import DOCX, PDF, XLSX, Unreadable

MEMORY = 1_500_000_000  # bytes of address space
UNPACKED = 200_000_000  # bytes of all parts of an Office file
MOST_PAGES = 5_000
MOST_CELLS = 2_000_000
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MARKS = {"t": "", "tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class Collected:
    """Text up to a number of characters; what comes after is counted and not kept."""

    def __init__(self, most: int) -> None:
        self.characters = 0
        self.pages = 0
        self._most = most
        self._kept: list[str] = []

    def add(self, piece: str) -> None:
        """One piece more."""
        left = self._most - self.characters
        if left > 0:
            self._kept.append(piece[:left])
        self.characters += len(piece)

    def text(self) -> str:
        """What is kept."""
        return "".join(self._kept)


def read(kind: str, data: bytes, most: int, until: float) -> Collected:
    """The text of `data`, read until `until` (monotonic s); raises Unreadable and what readers raise."""
    readers = {PDF: _pdf, DOCX: _docx, XLSX: _xlsx}
    if kind != PDF:
        _check_parts(data)
    collected = Collected(most)
    for piece in readers[kind](data, collected):
        collected.add(piece)
        if time.monotonic() > until:
            break
    if not collected.text().strip():
        raise Unreadable("scan" if kind == PDF else "no_text")
    return collected


def _pdf(data: bytes, collected: Collected) -> Iterator[str]:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("password")
    collected.pages = len(reader.pages)
    for number in range(min(collected.pages, MOST_PAGES)):
        text = reader.pages[number].extract_text().strip()
        if text:
            yield f"[{number + 1}]\n{text}\n\n"


def _docx(data: bytes, collected: Collected) -> Iterator[str]:
    from docx import Document

    body = Document(io.BytesIO(data)).element.body
    line: list[str] = []
    opened = False
    skipped = {id(each) for fallback in body.iter(FALLBACK) for each in fallback.iter()}
    for element in body.iter():
        if not isinstance(element.tag, str) or not element.tag.startswith(WORD) or id(element) in skipped:
            continue
        tag = element.tag.removeprefix(WORD)
        if (tag == "tr" or (tag == "p" and not opened)) and line:
            yield "".join(line) + "\n"
            line.clear()
        if tag == "tc" and line:
            line.append("\t")
        elif tag in _MARKS:
            line.append((element.text or "") if tag == "t" else _MARKS[tag])
        opened = tag == "tc" or (opened and tag in ("tcPr", "tcW"))  # its first paragraph begins no line
    yield "".join(line)


def _xlsx(data: bytes, collected: Collected) -> Iterator[str]:
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    cells = 0
    collected.pages = len(book.worksheets)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what it says of its size need not be true
        begun = False
        for row in sheet.iter_rows(values_only=True):
            values = ["" if value is None else str(value) for value in row]
            cells += len(values) + 1
            if cells > MOST_CELLS:
                return
            if any(values):
                yield ("" if begun else f"## {sheet.title}\n") + "\t".join(values).rstrip("\t") + "\n"
                begun = True
        if begun:
            yield "\n"


def _check_parts(data: bytes) -> None:
    """Unpack each part once, bounded and thrown away; raises Unreadable for bombs and declarations."""
    total = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(part.file_size for part in archive.infolist()) > UNPACKED:
            raise Unreadable("bomb")
        for part in archive.infolist():
            if part.flag_bits & 1:
                raise Unreadable("password")
            with archive.open(part) as file:
                tail = b""
                while chunk := file.read(1 << 20):
                    total += len(chunk)
                    if total > UNPACKED:
                        raise Unreadable("bomb")
                    if part.filename.endswith((".xml", ".rels")) and _declares(tail + chunk):
                        raise Unreadable("xml_declaration")
                    tail = chunk[-32:]


def _declares(xml: bytes) -> bool:
    return b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or b"<\0!\0D\0O\0C" in xml or b"\0<\0!\0D\0O\0C" in xml


def main(arguments: list[str]) -> None:
    """Read standard input and say what was found."""
    kind, most, seconds = arguments[0], int(arguments[1]), float(arguments[2])
    until = time.monotonic() + seconds
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 5, int(seconds) + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setrecursionlimit(2_000)
    logging.disable(logging.CRITICAL)  # readers complain about files, nobody reads it
    found: dict[str, object]
    try:
        collected = read(kind, sys.stdin.buffer.read(), most, until)
        found = {"text": collected.text(), "characters": collected.characters, "pages": collected.pages}
    except Unreadable as error:
        found = {"refused": error.code}
    except MemoryError:
        found = {"refused": "bomb"}
    except Exception:  # readers raise whatever a broken file leads them to
        found = {"refused": "damaged_file"}
    sys.stdout.write(json.dumps(found))  # pure ASCII: lone surrogates survive as escapes


if __name__ == "__main__":
    main(sys.argv[1:])
