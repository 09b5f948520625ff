"""Every sentence a person sees is in both languages, and the catalogues hold nothing else."""

from __future__ import annotations

import re
import runpy
from functools import cache
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from parley.web.i18n import LOCALES

CATALOGUES = {"en": "en", "zh_CN": "zh_CN"}
PLACE = re.compile(r"%\(\w+\)[sd]")
HAN = r"[\u4e00-\u9fff]"


@cache
def extracted() -> frozenset[str]:
    """Every message id of the source, found by the program that renews the catalogues."""
    source = runpy.run_path(str(LOCALES / "renew.py"))["extracted"]()
    return frozenset(first(message.id) for message in source if message.id)


@cache
def catalogue(folder: str) -> Catalog:
    """A catalogue as its file stands."""
    with (LOCALES / folder / "LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=folder)


def first(message: Any) -> str:
    """The singular, which names a message."""
    return str(message if isinstance(message, str) else message[0])


def messages(folder: str) -> list[Message]:
    """All messages but the header."""
    return [message for message in catalogue(folder) if message.id]


def translations(message: Message) -> list[str]:
    """All forms of a message's translation."""
    return (
        [message.string] if isinstance(message.string, str) else [str(form) for form in message.string or ()]
    )


@pytest.mark.parametrize("folder", CATALOGUES)
def test_a_catalogue_holds_every_sentence_of_the_source_and_no_other(folder: str) -> None:
    held = {first(message.id) for message in messages(folder)}
    assert {"missing": extracted() - held, "left over": held - extracted()} == {
        "missing": set(),
        "left over": set(),
    }


@pytest.mark.parametrize("folder", CATALOGUES)
def test_every_sentence_is_translated_and_none_is_a_guess(folder: str) -> None:
    unfinished = [
        message.id
        for message in messages(folder)
        if message.fuzzy or not translations(message) or not all(translations(message))
    ]
    assert unfinished == []
    assert not catalogue(folder).obsolete


@pytest.mark.parametrize("folder", CATALOGUES)
def test_a_translation_fills_in_the_same_places_as_its_sentence(folder: str) -> None:
    for message in messages(folder):
        places = set(PLACE.findall(first(message.id)))
        for words in translations(message):
            assert set(PLACE.findall(words)) == places, message.id


def test_english_says_what_the_source_says() -> None:
    for message in messages("en"):
        sentence = [message.id] if isinstance(message.id, str) else list(message.id)
        assert translations(message) == sentence


def test_chinese_is_polite_in_the_agreed_way() -> None:
    for message in messages("zh_CN"):
        for words in translations(message):
            assert "您" not in words, words
            assert not re.search(rf"{HAN}[,.;:?!]|[,;:?!]{HAN}", words), f"half-width punctuation: {words}"
