"""What an answer asked for again should be like: words for people and for the model. Pure."""

from __future__ import annotations

from parley.web.i18n import N_

SHORTEST = 30  # words below which "at most half of it" would ask for nothing

# Word of a form -> what the menu says.
LABELS = {
    "shorter": N_("Shorter"),
    "longer": N_("Longer"),
    "chinese": N_("In Chinese"),
    "english": N_("In English"),
}
_FOR_THE_MODEL = {
    "shorter": "Answer much more briefly than you otherwise would.",
    "longer": "Answer in more detail than you otherwise would, with reasons and examples.",
    "chinese": "请用简体中文回答。",
    "english": "Answer in English.",
}


def for_model(wanted: str, words: int) -> str:
    """The words a model is sent; `words` is how long the answer was that it is another version of.

    A wish that is not known is no wish. A model does not see the other version, so it is told its size.
    """
    said = _FOR_THE_MODEL.get(wanted, "")
    if wanted == "shorter" and words > SHORTEST:
        return f"{said} Use at most about {words // 2} words."
    if wanted == "longer" and words:
        return f"{said} Use about {words * 2} words or more."
    return said


def label(stored: str) -> str:
    """Which wish a stored instruction came from; "" when it was none of them. English, to be translated."""
    for wanted, said in _FOR_THE_MODEL.items():
        if stored.startswith(said):
            return LABELS[wanted]
    return ""
