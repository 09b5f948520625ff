"""Settings as a file: written, read, and compared with what is in force. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from parley.lib.errors import Invalid
from parley.settings.catalogue import SETTINGS, Values
from parley.settings.service import checked
from parley.web.i18n import _

KIND = "parley-settings"
MOST = 1_000_000  # characters
LOCAL = ("assistant.face", "branding.mark")  # the id of a stored picture means nothing elsewhere
NOT_KEPT = ("assistant.face",)  # whose picture goes when another takes its place: nothing to go back to


class Document(msgspec.Struct, forbid_unknown_fields=False):
    """The file; settings nobody decided are absent and keep what they are where it is read."""

    kind: str
    settings: dict[str, object]
    version: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One setting that would change."""

    key: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do."""

    steps: tuple[Step, ...]
    same: int
    left_out: tuple[tuple[str, str, str], ...]  # (key, value as JSON, why)

    @property
    def given(self) -> dict[str, object]:
        """What to change."""
        return {step.key: step.after for step in self.steps}


def document_of(values: Values, version: str) -> bytes:
    """The file with everything somebody decided here; pictures stay behind."""
    decided = {
        setting.key: values[setting]
        for setting in SETTINGS
        if values.source(setting.key) == "database" and setting.key not in LOCAL
    }
    written = msgspec.json.encode(Document(KIND, dict(sorted(decided.items())), version))
    return msgspec.json.format(written, indent=2) + b"\n"


def read_document(text: str) -> Document:
    """The file from its text; raises Invalid for anything else."""
    try:
        document = msgspec.json.decode(text[:MOST].encode(), type=Document)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        raise Invalid(_("This is no file of settings.")) from None
    if document.kind != KIND:
        raise Invalid(_("This is no file of settings."))
    return document


def plan_of(document: Document, values: Values) -> Plan:
    """What would change; what this version does not know or take is listed, not dropped."""
    given = {key: value for key, value in document.settings.items() if key not in LOCAL}
    fitting, _unset, errors = checked(given, values)
    steps = tuple(
        Step(key, values[SETTINGS.get(key)], after)
        for key, after in fitting.items()
        if after != values[SETTINGS.get(key)]
    )
    left_out = tuple((key, _json(document.settings[key]), why) for key, why in errors.items())
    return Plan(steps, len(given) - len(steps) - len(left_out), left_out)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()[:200]
