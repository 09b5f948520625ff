"""Models -> what the administrator's pages show of them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from parley.catalogue.listing import states
from parley.catalogue.models import ModelRow
from parley.catalogue.overrides import Overrides
from parley.catalogue.pages import Ability, Badge, Choice, Failing, Moment, RowView, Ternary
from parley.catalogue.policy import rule
from parley.catalogue.typed import SAMPLED, price_text
from parley.connections.queries import ConnectionRow
from parley.providers.base import CAPABILITIES, SENTENCES
from parley.settings.catalogue import Values
from parley.web.i18n import N_, _

# word -> (icon, what it means)
ABILITIES = {
    "vision": ("eye", N_("Reads pictures")),
    "tools": ("tool", N_("Uses tools")),
    "reasoning": ("think", N_("Reasons")),
    "image_output": ("image", N_("Makes pictures")),
    "json": ("copy", N_("Answers in JSON")),
}
KIND_LABELS = {
    "chat": N_("Chat"),
    "embedding": N_("Embedding"),
    "image": N_("Pictures"),
    "other": N_("Other"),
}
STATE_LABELS = {
    "hidden": N_("Hidden"),
    "new": N_("New"),
    "gone": N_("Gone"),
    "changed": N_("Changed by hand"),
}
TONES = {"new": "good", "gone": "bad", "hidden": "warn"}
SIDES = {
    "provider": N_("from the provider"),
    "table": N_("from the built-in table"),
    "default": N_("not known"),
    "override": N_("set by hand"),
}
ACCESS_LABELS = {"allow": N_("Allowed"), "deny": N_("Denied")}
EFFORT_LABELS = {
    "on": N_("On"),
    "off": N_("Off"),
    "minimal": N_("Minimal"),
    "low": N_("Low"),
    "medium": N_("Medium"),
    "high": N_("High"),
    "xhigh": N_("Very high"),
    "max": N_("Maximum"),
}


def choices(labels: dict[str, str], empty: str) -> list[Choice]:
    """Options of a select that may stay empty."""
    return [Choice("", empty), *(Choice(value, _(label)) for value, label in labels.items())]


def row_of(model: ModelRow, values: Values, new: Collection[str], default: str, back: str) -> RowView:
    """A line of the table; `back` is the query its own page leads back to."""
    return RowView(
        id=model.id,
        name=model.name,
        connection=model.connection_name,
        failing=model.failing_since is not None,
        kind=_(KIND_LABELS[model.kind]),
        abilities=[Ability(ABILITIES[name][0], _(ABILITIES[name][1])) for name in model.capabilities],
        window=tokens_text(model.context_window),
        price=" / ".join(price_text(price) or "?" for price in (model.prices.input, model.prices.output))
        if model.sources.get("prices") != "default"
        else "",
        who=who_may(model, values),
        badges=badges_of(model, new, default),
        edit=urlencode({"id": model.id, **({"back": back} if back else {})}),
    )


def badges_of(model: ModelRow, new: Collection[str], default: str) -> list[Badge]:
    """The words beside a name."""
    found = states(model, new)
    badges = [Badge(_(text), TONES.get(name, "")) for name, text in STATE_LABELS.items() if name in found]
    if model.id == default:
        badges.append(Badge(_("Your default"), ""))
    return badges + [Badge(tag, "") for tag in model.tags]


def who_may(model: ModelRow, values: Values) -> str:
    """Who finds a model, in words."""
    if model.hidden:
        return _("Nobody")
    roles = [role for role in ("user", "visitor") if rule(model, role, values) == "allow"]
    words = {
        "user,visitor": _("Everybody"),
        "user": _("Users"),
        "visitor": _("Visitors"),
        "": _("Administrators"),
    }
    return words[",".join(roles)]


def tokens_text(tokens: int | None) -> str:
    """A number of tokens as vendors write it: 128K, 1M; "" for an unknown one."""
    if tokens is None:
        return ""
    if tokens >= 1_000_000:
        return f"{tokens // 100_000 / 10:g}M"
    return f"{tokens // 1_000}K" if tokens >= 1_000 else str(tokens)


def failing_of(rows: Sequence[ConnectionRow]) -> list[Failing]:
    """The connections that are on and fail, with the reason in the reader's language."""
    failing = []
    for row in rows:
        if row.enabled and row.failing_since is not None:
            reason = _(SENTENCES[row.check_code]) if row.check_code in SENTENCES else row.check_error or ""
            failing.append(Failing(id=row.id, name=row.name, reason=reason, since=moment(row.failing_since)))
    return failing


def moment(ms: int) -> Moment:
    """A time for people; the page turns it into the reader's own form."""
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return Moment(at.isoformat(timespec="seconds"), at.strftime("%Y-%m-%d %H:%M UTC"))


def typed_of(said: Overrides) -> dict[str, str]:
    """The form of one model as it stands before anybody types."""
    typed = {
        "name": said.name,
        "kind": said.kind,
        "hidden": "1" if said.hidden else "",
        "tags": ", ".join(said.tags),
        "fallbacks": "\n".join(said.fallbacks),
        "accessUser": said.accessUser,
        "accessVisitor": said.accessVisitor,
        "contextWindow": _text(said.contextWindow),
        "maxOutput": _text(said.maxOutput),
        "priceInput": price_text(said.priceInput),
        "priceOutput": price_text(said.priceOutput),
        "priceCached": price_text(said.priceCached),
        "effort": said.reasoning.effort or said.reasoning.mode,
        "budget": _text(said.reasoning.budget),
    }
    typed |= {name: _text(getattr(said.sampling, name)) for name in SAMPLED}
    return typed | {f"can-{name}": "yes" if has else "no" for name, has in said.capabilities.items()}


def known_of(model: ModelRow) -> dict[str, str]:
    """What counts where nothing is said, and who knows it; `model` is the row without overrides."""
    values = {
        "name": model.name,
        "kind": _(KIND_LABELS[model.kind]),
        "contextWindow": f"{model.context_window:,}" if model.context_window else "",
        "maxOutput": f"{model.max_output:,}" if model.max_output else "",
        "priceInput": price_text(model.prices.input),
        "priceOutput": price_text(model.prices.output),
        "priceCached": price_text(model.prices.cached),
        **{name: _text(getattr(model.sampling, name)) for name in SAMPLED},
    }
    sides = {
        "kind": "kind",
        "contextWindow": "context_window",
        "maxOutput": "max_output",
        "priceInput": "prices",
        "priceOutput": "prices",
        "priceCached": "prices",
    }
    for name, source in sides.items():
        side = model.sources[source] if values[name] else "default"
        values[name] = f"{values[name]} · {_(SIDES[side])}" if values[name] else _(SIDES[side])
    return values


def abilities_of(model: ModelRow, typed: dict[str, str]) -> list[Ternary]:
    """What a model can do; `model` is the row without overrides."""
    found = []
    for name in CAPABILITIES:
        side = model.sources[f"capabilities.{name}"]
        word = _("yes") if model.can(name) else _("no")
        known = _(SIDES[side]) if side == "default" else f"{word} · {_(SIDES[side])}"
        found.append(Ternary(name, _(ABILITIES[name][1]), typed.get(f"can-{name}", ""), known))
    return found


def _text(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
