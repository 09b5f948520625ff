"""The services an administrator can pick, in groups, with what their form is filled in with. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from parley.connections.fields import default_url, service_of, takes_key
from parley.lib.errors import Invalid
from parley.providers.base import REGISTRY, Kind
from parley.providers.presets import PRESETS
from parley.web.i18n import N_, _

FIRST = "openai"
CLOUD, CHINA, LOCAL, CUSTOM = N_("Cloud"), N_("China"), N_("On your own machines"), N_("Custom")
_CHINESE = frozenset(
    {"deepseek", "qwen", "qwen-intl", "baichuan", "zhipu", "zai", "kimi", "kimi-intl"}
    | {"siliconflow", "siliconflow-intl"}
)
_SHORT = {"openai": "OpenAI"}  # the kind is everybody's, its own address is theirs


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind or preset as the form shows it."""

    value: str
    label: str
    needs_url: bool
    needs_key: bool
    takes_key: bool
    default_url: str
    example_url: str
    key_hint: str
    docs: str


@dataclass(frozen=True, slots=True)
class Group:
    """Offers of one sort."""

    label: str
    offers: list[Offer]


def groups() -> list[Group]:
    """Everything that can be added; the demo is there already."""
    names = [kind.name for kind in REGISTRY if kind.needs_url]
    names += [preset.name for preset in PRESETS if preset.kind in REGISTRY and preset.name not in names]
    sorted_in: dict[str, list[Offer]] = {CLOUD: [], CHINA: [], LOCAL: [], CUSTOM: []}
    for name in names:
        offer = offer_of(name)
        sorted_in[_group(offer)].append(offer)
    return [Group(_(label), offers) for label, offers in sorted_in.items() if offers]


def offer_of(name: str, *, theirs: bool = True) -> Offer:
    """The offer of that name; of a name nobody knows (a row of a newer version) what can be said.

    A kind bears the name of who invented it where the address is `theirs`.
    """
    try:
        kind, preset = service_of(name)
    except Invalid:
        return Offer(name, name, True, True, True, "", "", "", "")
    if not preset:
        label = (theirs and _SHORT.get(name)) or _(kind.label)
        return _offer(name, label, kind, kind.needs_key, (kind.key_hint, kind.docs))
    service = PRESETS.get(preset)
    needs_key = service.needs_key and kind.needs_key
    return _offer(name, _(service.label), kind, needs_key, (service.key_hint, service.docs))


def _offer(name: str, label: str, kind: Kind, needs_key: bool, about_keys: tuple[str, str]) -> Offer:
    hint, docs = about_keys
    preset = name if name in PRESETS and name not in REGISTRY else ""
    url = default_url(kind, preset)
    return Offer(
        name, label, kind.needs_url, needs_key, takes_key(kind), url, url or kind.default_url, hint, docs
    )


def _group(offer: Offer) -> str:
    if offer.value in _CHINESE:
        return CHINA
    if offer.value in PRESETS and not offer.default_url:
        return CUSTOM
    return LOCAL if _is_local(offer.default_url) else CLOUD


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost"
