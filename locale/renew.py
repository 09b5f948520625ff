"""Bring both catalogues up to date with the source: `python locale/renew.py`, then translate what it names.

English is filled in by itself; Chinese keeps what it has. Sentences nobody says any more are dropped.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

LOCALES = Path(__file__).resolve().parent
ROOT = LOCALES.parent
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
KEPT_HEADERS = ("Language", "Plural-Forms", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
COMMENT = "# Sentences of Parley. To renew this file: locale/renew.py."


def extracted() -> Catalog:
    """Every sentence of the source and the templates, as babel.cfg says where to look."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    catalogue = Catalog()
    for _file, _line, message, _comments, _context in extract_from_dir(
        str(ROOT), methods, options, KEYWORDS, directory_filter=is_source
    ):
        catalogue.add(message)
    return catalogue


def is_source(folder: str) -> bool:
    """Only our own source and templates are worth walking."""
    parts = Path(folder).relative_to(ROOT).parts
    return not parts or parts[0] in ("src", "templates")


def renew(folder: str, source: Catalog) -> list[str]:
    """Write one catalogue; what still wants a translation."""
    path = LOCALES / folder / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        old = read_po(file, locale=folder)
    new = Catalog(locale=folder, header_comment=COMMENT, fuzzy=False)
    wanting = []
    for message in source:
        if not message.id:
            continue
        known: Any = old.get(message.id)
        words = message.id if folder == "en" else known and known.string
        if not words or not all([words] if isinstance(words, str) else words):
            wanting.append(message.id if isinstance(message.id, str) else message.id[0])
        new.add(message.id, string=words or "", flags=message.flags - {"fuzzy"})
    out = io.BytesIO()
    write_po(out, new, width=110, sort_output=True)
    path.write_text(without_clutter(out.getvalue().decode()))
    return wanting


def without_clutter(text: str) -> str:
    """Headers that say nothing, or change with every run, would only make noise in a diff."""
    headers = "|".join(KEPT_HEADERS)
    return re.sub(rf'^"(?!(?:{headers}):)[A-Z][A-Za-z-]+: .*\\n"\n', "", text, flags=re.MULTILINE).lstrip()


if __name__ == "__main__":
    sentences = extracted()
    for name in ("en", "zh_CN"):
        for sentence in renew(name, sentences):
            print(f"{name}: {sentence}")
