"""What the templates of administration receive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import parley.settings.titling  # noqa: F401  declares its settings
from parley.catalogue.models import ModelRow
from parley.chat.branches.queries import RatingRow
from parley.chat.presenting import moment
from parley.settings.catalogue import CARDS, SETTINGS, Setting, Values
from parley.web.i18n import _, lang_of_text
from parley.web.render import Page

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting as a form shows it."""

    key: str
    label: str
    hint: str
    kind: str  # number, text, long or choice
    value: str
    placeholder: str
    choices: Choices
    error: str


@dataclass(frozen=True, slots=True)
class SettingCard:
    """Settings that belong together."""

    key: str
    title: str
    fields: list[SettingField]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweringPage(Page):
    """`/admin/answering`."""

    template: ClassVar[str] = "admin/answering.html"
    cards: list[SettingCard]
    saved: bool = False
    refused: bool = False


def cards_of(
    values: Values,
    models: Iterable[ModelRow],
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> list[SettingCard]:
    """Every setting about answers in its card; `typed` is what a refused form held."""
    models = tuple(models)
    able: dict[str, Choices] = {
        "model": (("", _("Nobody")), *(_named(each) for each in models if each.can("vision"))),
        "any model": (
            ("", _("The model of the chat")),
            *(_named(each) for each in models if each.kind == "chat" and each.provider != "demo"),
        ),
    }
    return [
        SettingCard(
            key,
            _(title),
            [
                _field(setting, values, able, typed or {}, errors or {})
                for setting in SETTINGS
                if setting.card == key
            ],
        )
        for key, title in CARDS.items()
    ]


def _field(
    setting: Setting[object],
    values: Values,
    models: Mapping[str, Choices],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> SettingField:
    choices = tuple((value, _(label)) for value, label in setting.choices)
    value = typed.get(setting.key, _written(values[setting]) if values.is_set(setting.key) else "")
    if setting.kind in models:
        choices = models[setting.kind]
        if all(id != value for id, _name in choices):
            choices = (*choices, (value, value))
    elif choices and not value:
        value = _written(setting.default)
    hint = _(setting.help)
    return SettingField(
        key=setting.key,
        label=_(setting.label) + (f" ({_(setting.unit)})" if setting.unit else ""),
        hint=hint,
        kind="choice" if choices else setting.kind,
        value=value,
        placeholder=_written(setting.default),
        choices=choices,
        error=errors.get(setting.key, ""),
    )


def _named(model: ModelRow) -> tuple[str, str]:
    return model.id, f"{model.name} · {model.connection_name}"


def _written(value: object) -> str:
    """A value as somebody would type it."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


@dataclass(frozen=True, slots=True)
class Rated:
    """What somebody thinks of an answer."""

    username: str
    good: bool
    comment: str
    model: str
    excerpt: str
    lang: str
    iso: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingsPage(Page):
    """`/admin/ratings`. `more` is the place in the list where it goes on."""

    template: ClassVar[str] = "admin/ratings.html"
    rows: list[Rated]
    more: str


def rated(row: RatingRow, longest: int) -> Rated:
    """A rating as the page shows it, with at most `longest` characters of the answer."""
    when = moment(row.updated_at)
    text = " ".join(row.excerpt.split())
    return Rated(
        username=row.username,
        good=row.value > 0,
        comment=row.comment,
        model=row.model,
        excerpt=text if len(row.excerpt) <= longest else text[:longest].rstrip() + "…",
        lang=lang_of_text(text),
        iso=when.iso,
        at=when.text,
    )
