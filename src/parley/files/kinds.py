"""What a file is, by its content; its name is only asked whether it lies. Pure."""

from __future__ import annotations

import io
import re
import zipfile

from parley.files.names import ending_of
from parley.lib.zips import entries_of

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TEXT = "text/plain"
READ_APART = (PDF, DOCX, XLSX)  # formats whose readers work in a process of their own
PICTURE_ENDINGS = {"png", "jpg", "jpeg", "jfif", "webp", "gif"}
# What these endings promise is not text; a text under such a name is a mistake or a trick.
PROMISES = {"pdf": PDF, "docx": DOCX, "xlsx": XLSX}
OFFICE_2003 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB] 2.2; also an encrypted .docx or .xlsx
ZIP = b"PK\x03\x04"
MOST_MEMBERS = 20_000
MOST_TABLE = 8_000_000  # bytes of what lists them
CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]"
)  # what no text has; form feed and escape may be


class Unreadable(Exception):
    """A file nobody can take in; `code` is a key of `refusals.SENTENCES`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def document_kind(data: bytes, name: str) -> str:
    """PDF, DOCX, XLSX or TEXT; raises Unreadable. Pictures were recognised before."""
    kind = _kind(data)
    ending = ending_of(name)
    if kind == TEXT and ending in PICTURE_ENDINGS:
        raise Unreadable("not_an_image")
    if ending in PROMISES and PROMISES[ending] != kind:
        raise Unreadable("wrong_ending")
    return kind


def _kind(data: bytes) -> str:
    if not data:
        raise Unreadable("empty_file")
    if data.startswith(b"%PDF-"):
        if zipfile.is_zipfile(io.BytesIO(data)):  # a second file hidden behind the first
            raise Unreadable("two_kinds")
        return PDF
    if data.startswith(ZIP):
        return _kind_of_zip(data)
    if data.startswith(OFFICE_2003):
        raise Unreadable("old_office")
    return TEXT


def _kind_of_zip(data: bytes) -> str:
    try:
        if entries_of(io.BytesIO(data), MOST_MEMBERS, MOST_TABLE) > MOST_MEMBERS:
            raise Unreadable("bomb")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except Unreadable:
        raise
    except Exception as error:  # zipfile raises whatever a broken archive leads it to
        raise Unreadable("damaged_file") from error
    if "[Content_Types].xml" in names:
        if any(each.startswith("word/") for each in names):
            return DOCX
        if any(each.startswith("xl/") for each in names):
            return XLSX
    raise Unreadable("archive")


def decoded(data: bytes) -> str:
    """The text of these bytes: UTF-8, UTF-16 with a mark, GB 18030 or Windows-1252. Raises Unreadable."""
    for text in _readings(data):
        if not CONTROLS.search(text):
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise Unreadable("not_text")


def _readings(data: bytes) -> list[str]:
    """What these bytes may say; the first that looks like text is taken."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _tried(data, "utf-16")
    utf8 = _tried(data, "utf-8-sig")
    if utf8 or b"\0" in data[:4096]:
        return utf8
    chinese = [text for text in _tried(data, "gb18030") if _is_chinese(text)]
    return chinese or _tried(data, "cp1252")


def _tried(data: bytes, encoding: str) -> list[str]:
    try:
        return [data.decode(encoding)]
    except UnicodeDecodeError:
        return []


def _is_chinese(text: str) -> bool:
    """Whether what is not ASCII is mostly Han and its punctuation: GB 18030 decodes many bytes by chance."""
    abroad = [char for char in text[:20_000] if char > "\x7f"]
    han = sum(
        "\u4e00" <= char <= "\u9fff" or "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef"
        for char in abroad
    )
    return han > 0.8 * len(abroad)
