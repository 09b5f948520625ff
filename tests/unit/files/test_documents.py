"""Text out of documents, and everything that is refused."""

from __future__ import annotations

import pytest

from parley.files.documents import read_document
from parley.files.kinds import DOCX, PDF, XLSX
from parley.files.names import disposition, shown_name
from parley.lib.errors import Invalid
from tests.unit.files.drawings import picture
from tests.unit.files.papers import archive, docx, pdf, with_part, xlsx

BILLION = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;">]><w:document>&c;</w:document>'
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet>&e;</worksheet>'


@pytest.mark.parametrize(
    ("name", "data", "text"),
    [
        ("a.txt", "plain 世界\r\n".encode(), "plain 世界\n"),
        ("bom.csv", b"\xef\xbb\xbfa,b", "a,b"),
        ("utf16.txt", "wide 宽".encode("utf-16"), "wide 宽"),
        ("gb.txt", "你好，世界".encode("gb18030"), "你好，世界"),
        ("latin.txt", "café naïve".encode("cp1252"), "café naïve"),
        ("code.rs", b"fn main() {}\x0c", "fn main() {}\x0c"),
        ("strange.xyz", b"key: value", "key: value"),
        ("drawing.svg", b"<svg><script>alert(1)</script></svg>", "<svg><script>alert(1)</script></svg>"),
    ],
)
def test_text_is_known_by_its_content(name: str, data: bytes, text: str) -> None:
    found = read_document(data, name, 1000)
    assert (found.text, found.mime, found.characters, found.whole) == (text, "text/plain", len(text), True)


def test_office_files_and_pdf_give_their_text() -> None:
    found = read_document(pdf("first page", "", "third"), "a.pdf", 1000)
    assert (found.mime, found.pages, found.text) == (PDF, 3, "[1]\nfirst page\n\n[3]\nthird\n\n")
    found = read_document(docx("Hello 世界", table=[["a", "b"], ["c", ""]]), "a.docx", 1000)
    assert (found.mime, found.text.strip()) == (DOCX, "Hello 世界\na\tb\nc")
    found = read_document(xlsx([1, "x", None, 2.5], far="XFD1048576"), "a.xlsx", 100)
    assert (found.mime, found.pages) == (XLSX, 1)
    assert found.text.startswith("## Sheet\n1\tx\t\t2.5\n")
    assert len(found.text) == 100 < found.characters


def test_what_is_cut_is_counted() -> None:
    found = read_document(b"0123456789", "a.txt", 4)
    assert (found.text, found.characters, found.whole) == ("0123", 10, False)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.txt", b"", "empty_file"),
        ("blank.md", b" \n", "empty_file"),
        ("program", b"\x7fELF\x02\x01\x01\0\0", "not_text"),
        ("noise.txt", bytes(range(256)), "not_text"),
        ("lies.png", b"<html><script>alert(1)</script></html>", "not_an_image"),
        ("lies.pdf", b"just text", "wrong_ending"),
        ("lies.docx", pdf("x"), "wrong_ending"),
        ("lies.xlsx", docx("x"), "wrong_ending"),
        ("a.zip", archive(), "archive"),
        ("broken.docx", docx("x")[:-400], "damaged_file"),
        ("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_office"),
        ("both.pdf", pdf("x") + archive(), "two_kinds"),
        ("cut.pdf", pdf("x")[:200], "damaged_file"),
        ("locked.pdf", pdf("x", password="secret"), "password"),
        ("scan.pdf", pdf("", ""), "scan"),
        ("nothing.docx", docx(), "no_text"),
        ("lol.docx", with_part(docx("x"), "word/document.xml", BILLION), "xml_declaration"),
        ("xxe.xlsx", with_part(xlsx([1]), "xl/worksheets/sheet1.xml", OUTSIDE), "xml_declaration"),
        ("bomb.docx", with_part(docx("x"), "word/big.xml", bytes(210_000_000)), "bomb"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(name: str, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_document(data, name, 1000)
    assert refused.value.code == code
    assert refused.value.message.endswith(".")


def test_a_picture_is_never_read_as_text() -> None:
    with pytest.raises(Invalid):
        read_document(picture(), "a.txt", 1000)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\note.txt", "note.txt"),
        ("a\r\nSet-Cookie: x=1.txt", "aSet-Cookie: x=1.txt"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("zero\u200bwidth\0.txt", "zerowidth.txt"),
        ("..", "file"),
        (" . ", "file"),
        ("", "file"),
        ("报告 2026.pdf", "报告 2026.pdf"),
        ("x" * 300 + ".docx", "x" * 108 + "….docx"),
    ],
)
def test_names_do_not_lie(sent: str, shown: str) -> None:
    assert shown_name(sent, "file") == shown


def test_a_name_cannot_leave_its_header() -> None:
    assert disposition("attachment", '报"告;\\%.txt') == (
        "attachment; filename=\"______.txt\"; filename*=UTF-8''%E6%8A%A5%22%E5%91%8A%3B%5C%25.txt"
    )
