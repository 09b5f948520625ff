"""What else an administrator may say about a connection: authentication, headers, body, tags. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from parley.lib.errors import Invalid
from parley.lib.nesting import is_too_deep
from parley.providers.base import PROTECTED, Kind
from parley.providers.sampling import AS_THE_MODEL_LIKES, NO_SAMPLING, Reasoning, Sampling
from parley.web.i18n import _

MAX_HEADERS = 20
MAX_BODY = 20_000  # characters of JSON
LONGEST_VALUE = 4096  # characters of a header's value or of an option
LONGEST_TAG = 40
TAG_MODES = ("default", "custom", "off")
# What belongs to the connection itself; whoever sets it breaks the line or speaks for somebody else.
_REFUSED = frozenset(
    {"host", "content-length", "content-type", "content-encoding", "transfer-encoding", "accept-encoding"}
    | {"connection", "keep-alive", "te", "trailer", "upgrade", "expect", "via", "forwarded"}
    | {"cookie", "cookie2", "set-cookie"}
)
_REFUSED_STARTS = ("proxy-", "sec-", "x-forwarded-")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")  # token of RFC 9110, section 5.6.2
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?")
_OWN = ("auth", "authHeader", "headers", "body", "reasoningTags")


class ReasoningTags(msgspec.Struct, frozen=True, omit_defaults=True):
    """How thinking is told from the answer in plain text: usual tags, a pair of one's own, or not."""

    mode: str = "default"
    open: str = ""
    close: str = ""


USUAL_TAGS = ReasoningTags()


class Options(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What stands in `connection.options`. The values of `headers` are sealed in a column of their own."""

    auth: str = ""  # a word of Kind.auths; "" is its first
    authHeader: str = ""
    headers: tuple[str, ...] = ()  # names
    body: dict[str, Any] = {}
    reasoningTags: ReasoningTags = USUAL_TAGS
    further: dict[str, str] = {}  # by Option.name of the kind


class Defaults(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """How the models of a connection answer, where neither conversation nor model says otherwise."""

    sampling: Sampling = NO_SAMPLING
    reasoning: Reasoning = AS_THE_MODEL_LIKES


NO_OPTIONS = Options()
NO_DEFAULTS = Defaults()
Headers = dict[str, str | None]  # None: the value that is stored under this name


def clean_options(given: Mapping[str, Any], kind: Kind, current: Options) -> tuple[Options, Headers | None]:
    """`current` with what is `given` (null is back to the default), and the headers when they were given.

    Raises Invalid with the field's name, `options.…`.
    """
    known = {option.name for option in kind.options}
    for name in given:
        if name not in known and name not in _OWN:
            listed = ", ".join((*_OWN, *sorted(known)))
            raise _invalid(name[:40], _("There is no such option. Known: %(known)s.", known=listed))
    changed: dict[str, Any] = {}
    if "auth" in given or "authHeader" in given:
        auth = given.get("auth", current.auth) or ""
        changed |= _auth(auth, given.get("authHeader", current.authHeader) or "", kind)
    headers = None
    if "headers" in given:
        headers = _headers(given["headers"] or {})
        changed["headers"] = tuple(headers)
    if "body" in given:
        changed["body"] = _body(given["body"] or {})
    if "reasoningTags" in given:
        changed["reasoningTags"] = _tags(given["reasoningTags"] or {})
    changed["further"] = _further(given, kind, current.further)
    options = msgspec.structs.replace(current, **changed)
    _agree(options, kind)
    return options, headers


def auth_of(options: Options, kind: Kind) -> str:
    """The way the key is sent."""
    return options.auth or (kind.auths[0] if kind.auths else "none")


def clean_defaults(given: Mapping[str, Any]) -> Defaults:
    """Raises Invalid that names the value that cannot be used."""
    try:
        if is_too_deep(given):
            raise msgspec.ValidationError("nested too deeply")
        return msgspec.convert(given, Defaults)
    except msgspec.ValidationError as error:
        why, _at, where = str(error).partition(" - at `$")
        field = "defaults" + where.rstrip("`")
        text = _("“%(field)s” cannot be used: %(why)s", field=field, why=why)
        raise Invalid(text, fields={"defaults": text}) from None


def _auth(auth: Any, header: Any, kind: Kind) -> dict[str, str]:
    if auth and auth not in kind.auths:
        raise _invalid("auth", _("This provider knows: %(known)s.", known=", ".join(kind.auths)))
    if header and not (isinstance(header, str) and _may_be_set(header)):
        raise _invalid("authHeader", _("No header can have this name, or it belongs to the connection."))
    return {"auth": auth, "authHeader": header}


def _agree(options: Options, kind: Kind) -> None:
    """What only shows when everything is together."""
    auth = auth_of(options, kind)
    if auth == "header" and not options.authHeader and kind.auths[0] != "header":
        raise _invalid("authHeader", _("Name the header that carries the key, for example X-API-Key."))
    carrier = {"bearer": "authorization", "header": options.authHeader.lower()}.get(auth, "")
    if carrier and carrier in {name.lower() for name in options.headers}:
        raise _invalid("headers", _("“%(name)s” carries the key; enter it as the key.", name=carrier))
    for option in kind.options:
        if option.required and not options.further.get(option.name, option.default):
            raise _invalid(option.name, _("Fill this in."))


def _may_be_set(name: str) -> bool:
    low = name.lower()
    return bool(_NAME.fullmatch(name)) and low not in _REFUSED and not low.startswith(_REFUSED_STARTS)


def _headers(given: Any) -> Headers:
    if not isinstance(given, dict) or len(given) > MAX_HEADERS:
        raise _invalid("headers", _("Headers are names with values, at most %(n)s.", n=MAX_HEADERS))
    headers: Headers = {}
    for name, value in given.items():
        if not _may_be_set(name):
            raise _invalid("headers", _("The header “%(name)s” cannot be set here.", name=name[:100]))
        if value is not None and not _is_value(value):
            raise _invalid(
                "headers", _("The value of “%(name)s” has a character no header can carry.", name=name)
            )
        if name.lower() in {each.lower() for each in headers}:
            raise _invalid("headers", _("The header “%(name)s” is there twice.", name=name))
        headers[name] = value
    return headers


def _is_value(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_VALUE and bool(_VALUE.fullmatch(value))


def _body(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _invalid("body", _('This must be a JSON object, for example {"top_p": 0.9}.'))
    if is_too_deep(given):
        raise _invalid("body", _("This is nested too deeply."))
    if len(msgspec.json.encode(given)) > MAX_BODY:
        raise _invalid("body", _("At most %(n)s characters.", n=MAX_BODY))
    if taken := sorted(PROTECTED & set(given)):
        names = ", ".join(taken)
        raise _invalid("body", _("Parley decides these itself; leave them out: %(names)s.", names=names))
    return given


def _tags(given: Any) -> ReasoningTags:
    try:
        tags = msgspec.convert(given, ReasoningTags)
    except msgspec.ValidationError:
        tags = ReasoningTags(mode="?")
    if tags.mode not in TAG_MODES:
        raise _invalid("reasoningTags", _("Known: %(known)s.", known=", ".join(TAG_MODES)))
    if tags.mode != "custom":
        return ReasoningTags(mode=tags.mode)
    opening, closing = tags.open.strip(), tags.close.strip()
    if (
        not opening
        or not closing
        or opening == closing
        or len(opening) > LONGEST_TAG
        or len(closing) > LONGEST_TAG
    ):
        raise _invalid(
            "reasoningTags",
            _("Enter an opening and another closing tag, at most %(n)s characters each.", n=LONGEST_TAG),
        )
    return ReasoningTags("custom", opening, closing)


def _further(given: Mapping[str, Any], kind: Kind, current: Mapping[str, str]) -> dict[str, str]:
    """The kind's own options; those of another kind are forgotten."""
    values = {}
    for option in kind.options:
        value = given.get(option.name, current.get(option.name, ""))
        text = _text_of(value)
        if text is None or len(text) > LONGEST_VALUE or "\0" in text:
            raise _invalid(option.name, _("This cannot be used here."))
        if text:
            values[option.name] = text
    return values


def _text_of(value: Any) -> str | None:
    """A short text; a map such as {model: deployment} as `model=deployment, …`. None: neither."""
    if value is None or value is False:
        return ""
    if isinstance(value, dict):
        pairs = value.items()
        return (
            ", ".join(f"{k}={v}" for k, v in pairs)
            if all(isinstance(v, str) for v in value.values())
            else None
        )
    return str(value).strip() if isinstance(value, str | int | float) else None


def _invalid(name: str, text: str) -> Invalid:
    return Invalid(f"options.{name}: {text}", fields={f"options.{name}": text})
