"""What the templates of the settings centre receive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from parley.catalogue.models import ModelRow
from parley.settings.catalogue import CARDS, SETTINGS, Setting, Values, pin_name
from parley.web.i18n import _
from parley.web.render import Page

Choices = tuple[tuple[str, str], ...]
# The order of the cards; those of domains that came later stand behind.
ORDER = (
    "general", "registration", "visitors", "branding", "models", "context", "sampling", "reasoning", "titles",
    "chat", "quotas", "files", "imports", "patience", "network", "logging", "traces", "websearch",
    "retention", "banner",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting as a form shows it."""

    key: str
    label: str
    hint: str
    kind: str  # number, text, long, flag, choice, colour or picture
    value: str
    placeholder: str
    choices: Choices
    error: str
    source: str  # "default", "database" or "environment"
    pin: str  # the variable that decides or could decide
    default: str  # in words


@dataclass(frozen=True, slots=True)
class Note:
    """What is told below a card: a fact, or the start of a test."""

    kind: str  # "text", "colours", "test", "count" or "closed"
    label: str
    text: str = ""
    urgent: bool = False
    links: Choices = ()  # (path, words)
    colours: tuple[tuple[str, str], ...] = ()  # (theme or paper, words)


@dataclass(frozen=True, slots=True)
class SettingCard:
    """Settings that belong together."""

    key: str
    title: str
    fields: list[SettingField]
    notes: tuple[Note, ...] = ()

    @property
    def decided(self) -> int:
        """How many of them somebody decided."""
        return sum(field.source != "default" for field in self.fields)

    @property
    def names(self) -> str:
        """Its settings in one line."""
        return _(", ").join(field.label for field in self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class CentrePage(Page):
    """`/admin`: every card, and the way to what is administered elsewhere."""

    template: ClassVar[str] = "admin/settings/centre.html"
    cards: list[SettingCard]
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage(Page):
    """`/admin/settings`: all cards, one card, or what a search found."""

    template: ClassVar[str] = "admin/settings/show.html"
    title: str
    path: str
    cards: list[SettingCard]
    query: str = ""
    one: bool = False
    saved: bool = False
    refused: bool = False


def cards_of(
    values: Values,
    models: Iterable[ModelRow],
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> list[SettingCard]:
    """Every setting in its card; `typed` is what a refused form held."""
    able = _able(tuple(models))
    places = {key: at for at, key in enumerate(ORDER)}
    cards = sorted(CARDS, key=lambda key: places.get(key, len(ORDER)))
    return [
        SettingCard(
            key,
            _(CARDS[key]),
            [
                _field(setting, values, able, typed or {}, errors or {})
                for setting in SETTINGS
                if setting.card == key
            ],
        )
        for key in cards
    ]


def found(cards: list[SettingCard], query: str) -> list[SettingCard]:
    """The cards with the settings whose words, key or card have all words of `query`; "" finds everything."""
    words = query.casefold().split()
    kept = []
    for card in cards:
        fields = [
            field
            for field in card.fields
            if all(
                word in f"{card.title} {field.label} {field.hint} {field.key}".casefold() for word in words
            )
        ]
        if fields:
            kept.append(SettingCard(card.key, card.title, fields, card.notes))
    return kept


def written(value: object) -> str:
    """A value as somebody would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def in_words(setting: Setting[object], value: object) -> str:
    """A value as a sentence would name it."""
    text = written(value)
    if setting.kind == "flag":
        return _("On") if value else _("Off")
    for choice, label in setting.choices:
        if choice == text:
            return _(label)
    if text and setting.kind == "picture":
        return _("Picture %(id)s", id=text[:6])
    return text or _("empty")


def _able(models: tuple[ModelRow, ...]) -> dict[str, Choices]:
    return {
        "model": (("", _("Nobody")), *(_named(each) for each in models if each.can("vision"))),
        "any model": (
            ("", _("The model of the chat")),
            *(_named(each) for each in models if each.kind == "chat" and each.provider != "demo"),
        ),
    }


def _field(
    setting: Setting[object],
    values: Values,
    models: Mapping[str, Choices],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> SettingField:
    choices = tuple((value, _(label)) for value, label in setting.choices)
    shown = values.is_set(setting.key) or setting.kind == "flag" or bool(choices)
    value = typed.get(setting.key, written(values[setting]) if shown else "")
    if setting.kind in models:
        choices = models[setting.kind]
        if all(id != value for id, _name in choices):
            choices = (*choices, (value, value))
    return SettingField(
        key=setting.key,
        label=_("%(label)s (%(unit)s)", label=_(setting.label), unit=_(setting.unit))
        if setting.unit
        else _(setting.label),
        hint=_(setting.help),
        kind="choice" if choices else setting.kind,
        value=value,
        placeholder=written(setting.default),
        choices=choices,
        error=errors.get(setting.key, ""),
        source=values.source(setting.key),
        pin=pin_name(setting.key),
        default=in_words(setting, setting.default),
    )


def _named(model: ModelRow) -> tuple[str, str]:
    return model.id, f"{model.name} · {model.connection_name}"
