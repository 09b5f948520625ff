"""What is told below the cards: how links look, contrast, proxies, what would be deleted."""

from __future__ import annotations

from parley.accounts.entering import AnyRequest
from parley.admin.settings.pages import Note
from parley.chat.keeping.queries import Due
from parley.lib.config import Config
from parley.settings.branding import ACCENT
from parley.settings.catalogue import Values
from parley.settings.colours import accent_of
from parley.settings.general import ORIGIN
from parley.web.i18n import _, ngettext
from parley.web.perimeter import perimeter_of


def notes_of(request: AnyRequest, config: Config, values: Values, counts: Due) -> dict[str, tuple[Note, ...]]:
    """The notes by the key of their card."""
    return {
        "general": (_link_note(request, values),),
        "branding": _colour_notes(values),
        "network": _network_notes(config),
        "retention": (_count_note(counts),),
    }


def _link_note(request: AnyRequest, values: Values) -> Note:
    said = values[ORIGIN]
    origin = said or perimeter_of(request).origin(request.scope)
    label = _("Links look like this") if said else _("Links look like this, as you reach the site now")
    return Note("text", label, f"{origin}/s/…")


def _colour_notes(values: Values) -> tuple[Note, ...]:
    if not values[ACCENT]:
        return ()
    accent = accent_of(values[ACCENT])
    themes = (
        ("light", _("Light"), accent.light, accent.light_contrast),
        ("dark", _("Dark"), accent.dark, accent.dark_contrast),
    )
    words = tuple((theme, f"{name}: {colour}, {ratio:.1f} : 1") for theme, name, colour, ratio in themes)
    label = _("Contrast")
    if accent.changed:
        label = _("Contrast. The colour was moved to the nearest that reaches 4.5 : 1.")
    return (Note("colours", label, colours=words),)


def _network_notes(config: Config) -> tuple[Note, ...]:
    networks = ", ".join(map(str, config.trusted_proxies)) or _("none")
    return (
        Note("text", _("Trusted proxies, from PARLEY_TRUSTED_PROXIES"), networks),
        Note("test", _("Test of the proxy")),
    )


def _count_note(counts: Due) -> Note:
    said = [
        ngettext("%(n)s unused chat", "%(n)s unused chats", counts.idle),
        ngettext("%(n)s archived chat", "%(n)s archived chats", counts.archived),
        ngettext("%(n)s deleted chat", "%(n)s deleted chats", counts.deleted),
    ]
    return Note("count", _("The next round would delete"), _(", ").join(said))
