"""Documents made readable: their text, read where a hostile one can hurt nobody.

Blocking: call in a thread.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass

from parley.files import kinds
from parley.files.kinds import READ_APART, Unreadable, decoded, document_kind
from parley.lib.errors import Invalid
from parley.web.i18n import N_, _

SECONDS = 25.0  # a file may take; what was read by then is used
GRACE = 10.0  # seconds until it is ended by force
ENV_PATH = [path for path in sys.path if path]

SENTENCES = {
    "empty_file": N_("This file is empty."),
    "not_an_image": N_("This is not a picture Parley can read. Use PNG, JPEG, WebP or GIF."),
    "wrong_ending": N_("This file is not what its name says. Save it again under the right kind."),
    "two_kinds": N_("This file is two kinds at once. Save it again as a plain PDF."),
    "old_office": N_(
        "This is an old or password-protected Office file. Save it as .docx or .xlsx without a password."
    ),
    "archive": N_("Parley cannot read archives. Unpack it and attach what is in it."),
    "damaged_file": N_("This file is damaged or cut off. Try another copy of it."),
    "not_text": N_(
        "Parley cannot read this kind of file. It reads pictures, text and code, PDF, .docx and .xlsx."
    ),
    "password": N_("This file is protected by a password. Save it without one."),
    "scan": N_("This PDF holds no text, only pictures of pages. Attach the pages as pictures."),
    "no_text": N_("There is no text in this file."),
    "bomb": N_("This file unpacks to more than Parley reads. Attach a part of it."),
    "xml_declaration": N_("This Office file holds declarations that no program writes. Save it again."),
    "slow": N_("Reading this file takes too long. Attach a part of it."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """A file with text in it."""

    mime: str
    text: str  # at most as many characters as were asked for
    characters: int  # in all, as far as it was read
    pages: int  # or sheets; 0 where there are none

    @property
    def whole(self) -> bool:
        """Whether `text` is all of it."""
        return len(self.text) >= self.characters


def read_document(data: bytes, name: str, most: int) -> Document:
    """The text of a file that is no picture, cut at `most` characters; raises Invalid, and keeps nothing.

    A PDF, Word or Excel file takes a process of its own with limits on time and memory.
    """
    try:
        kind = document_kind(data, name)
        if kind in READ_APART:
            return _read_apart(kind, data, most)
        text = decoded(data)
        if not text.strip():
            raise Unreadable("empty_file")
        return Document(kinds.TEXT, text[:most], len(text), 0)
    except Unreadable as error:
        raise refusal(error.code) from error


def refusal(code: str) -> Invalid:
    """What is said about a file that nobody can take in."""
    return Invalid(_(SENTENCES.get(code, SENTENCES["damaged_file"])), code=code)


def _read_apart(kind: str, data: bytes, most: int) -> Document:
    command = [sys.executable, "-m", "parley.files.reading", kind, str(most), str(SECONDS)]
    environ = {"PYTHONPATH": ":".join(ENV_PATH), "PYTHONDONTWRITEBYTECODE": "1"}  # and no secret of ours
    try:
        done = subprocess.run(  # noqa: S603  our own program, the file only on its standard input
            command,
            input=data,
            capture_output=True,
            timeout=SECONDS + GRACE,
            check=False,
            env=environ,
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable("slow") from error
    try:
        found = json.loads(done.stdout)
    except ValueError as error:  # ended by the kernel: too much memory or time
        raise Unreadable("bomb" if done.returncode else "damaged_file") from error
    if "refused" in found:
        raise Unreadable(found["refused"])
    # Neither the database nor a browser takes noughts and halves of surrogate pairs.
    text = re.sub("[\0\ud800-\udfff]", "", found["text"])
    return Document(kind, text, max(found["characters"], len(text)), found["pages"])
