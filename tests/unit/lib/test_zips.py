"""Tables of contents that would fill the memory are counted before anybody reads them."""

import io
import struct
import zipfile

import pytest

from parley.lib.zips import NoZip, entries_of

EMPTY = b"PK\x01\x02" + b"\0" * 24 + b"\1\0" + b"\0" * 16 + b"a"  # an entry with the name "a"


def packed(files: int, comment: bytes = b"") -> io.BytesIO:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        for number in range(files):
            archive.writestr(f"{number}.txt", "x")
        archive.comment = comment
    return into


def lying(entries: int, before_end: bytes = b"") -> io.BytesIO:
    """A table of many entries whose end says one."""
    table = EMPTY * entries + before_end
    end = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 1, 1, len(table), 4, 0)
    return io.BytesIO(b"PK\x03\x04" + table + end)


@pytest.mark.parametrize("files", [0, 1, 300])
def test_entries_are_counted_as_zipfile_sees_them(files: int) -> None:
    archive = packed(files, b"a comment")
    assert entries_of(archive, 1000, 10**6) == files == len(zipfile.ZipFile(archive).namelist())


def test_what_the_end_says_does_not_count() -> None:
    assert entries_of(lying(40_000), 1000, 10**8) == 1001
    assert entries_of(lying(40_000), 10**6, 10**8) == 40_000  # also over the edges of pieces


def test_a_large_table_is_not_read() -> None:
    assert entries_of(lying(40_000), 10**6, 1000) == 10**6 + 1


def test_a_second_end_hides_nothing() -> None:
    small = b"PK\x06\x06" + struct.pack("<Q2H2L4Q", 44, 45, 45, 0, 0, 1, 1, 46, 0)
    assert entries_of(lying(2000, small), 1000, 10**8) == 1001
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 4, 1)  # leads to another place than the one before it
    with pytest.raises(NoZip):
        entries_of(lying(2000, small + locator), 1000, 10**8)


def test_zip64_is_understood() -> None:
    archive = packed(3)
    data = archive.getvalue()
    at = data.rfind(b"PK\x05\x06")
    size, start = struct.unpack_from("<LL", data, at + 12)
    end64 = b"PK\x06\x06" + struct.pack("<Q2H2L4Q", 44, 45, 45, 0, 0, 3, 3, size, start)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, at, 1)
    end = b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    large = io.BytesIO(data[:at] + end64 + locator + end)
    assert entries_of(large, 100, 10**6) == 3 == len(zipfile.ZipFile(large).namelist())


@pytest.mark.parametrize(
    "data", [b"", b"PK\x05\x06", b"PK\x03\x04" + b"\0" * 100, b"PK\x05\x06" + b"\1" * 18]
)
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    with pytest.raises(NoZip):
        entries_of(io.BytesIO(data), 10, 10**9)
