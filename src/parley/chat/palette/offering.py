"""What the palette offers for what was typed. Pure but for the words of the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from parley.chat.palette.pages import Offer, OfferGroup
from parley.settings.catalogue import CARDS
from parley.web.i18n import N_, _, lang_of_text
from parley.web.places import places

Chats = Iterable[tuple[int, str]]

# Label, icon, path or "", selector of the control that does it or "", feature that does it or "", key.
ACTIONS = (
    (N_("New chat"), "plus", "/chat", "", "", "Ctrl Shift O"),
    (N_("Temporary chat"), "dashed", "/chat?temporary=1", "", "", ""),
    (N_("Search all chats"), "search", "/search", "", "", "Ctrl Shift F"),
    (N_("Rename this chat"), "edit", "", "#chat-menu [data-rename]", "", ""),
    (N_("Archive this chat"), "archive", "", '#chat-menu [data-verb="archive"]', "", ""),
    (N_("Theme: light"), "sun", "", '#you button[value="light"]', "", ""),
    (N_("Theme: dark"), "moon", "", '#you button[value="dark"]', "", ""),
    (N_("Theme: like the system"), "theme", "", '#you button[value="auto"]', "", ""),
    (N_("Show or hide the sidebar"), "menu", "", "", "sidebar", "Ctrl B"),
    (N_("List of keys"), "command", "/keys", "", "keys", "Ctrl /"),
)
LANGUAGES = (("中文", "zh", "zh-Hans"), ("English", "en", "en"))


def offers(typed: str, chats: Chats, *, admin: bool, visitor: bool = False) -> list[OfferGroup]:
    """The groups that have a line for `typed` ("" takes the most wanted)."""
    listed = [
        Offer(label=title or _("New chat"), icon="chat", path=f"/chat/{id}", lang=lang_of_text(title))
        for id, title in chats
    ]
    groups = [
        OfferGroup(id="chats", label=_("Chats"), offers=listed),
        OfferGroup(id="actions", label=_("Actions"), offers=_actions(typed)),
        OfferGroup(id="pages", label=_("Go to"), offers=_pages(typed, admin=admin, visitor=visitor)),
    ]
    if typed:
        label = _("Search all chats for “%(words)s”", words=typed)
        found = [Offer(label=label, icon="search", path=f"/search?q={quote(typed)}")]
        groups.append(OfferGroup(id="search", label=_("Search"), offers=found))
    return [group for group in groups if group.offers]


def _actions(typed: str) -> list[Offer]:
    made = [
        Offer(label=_(label), icon=icon, path=path, press=press, feature=feature, key=key)
        for label, icon, path, press, feature, key in ACTIONS
        if _fits(typed, label)
    ]
    spoken = [
        Offer(label=name, icon="globe", press=f'#you button[value="{value}"]', lang=lang)
        for name, value, lang in LANGUAGES
        if _fits(typed, name) or (typed and _fits(typed, N_("Language")))
    ]
    return made + spoken


def _pages(typed: str, *, admin: bool, visitor: bool) -> list[Offer]:
    found = [
        Offer(label=_(place.label), icon=place.icon, path=place.path)
        for _heading, group in places(admin=admin, visitor=visitor)
        for place in group
        if _fits(typed, place.label)
    ]
    if admin and typed:
        found += [
            Offer(label=_(title), icon="sliders", path=f"/admin/settings/{key}")
            for key, title in CARDS.items()
            if _fits(typed, title)
        ]
    return found


def _fits(typed: str, label: str) -> bool:
    """Whether a label says it, in the reader's language or in English."""
    wanted = typed.casefold()
    return wanted in _(label).casefold() or wanted in label.casefold()
