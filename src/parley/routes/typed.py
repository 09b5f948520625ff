"""What an administrator says about a route, from a form or as JSON, checked. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from parley.lib.errors import Invalid
from parley.routes.rules import WEEKDAYS, Rule, zone_is_known
from parley.web.i18n import _

LONGEST_NAME = 80
LONGEST_SLUG = 64
MOST_RULES = 20
NEEDS = ("vision", "tools", "reasoning", "json")
_PRICE = re.compile(r"[0-9]{1,6}([.,][0-9]{1,6})?")


def clean_name(name: str) -> str:
    """A name on one line; raises Invalid for none or one that is too long."""
    text = " ".join(name.replace("\0", " ").split())
    if not text or len(text) > LONGEST_NAME:
        sentence = _("A name has 1 to %(n)s characters.", n=LONGEST_NAME)
        raise Invalid(sentence, fields={"name": sentence})
    return text


def slug_of(name: str) -> str:
    """What chats remember a route by: letters and digits of its name with hyphens between."""
    plain = unicodedata.normalize("NFKC", name).lower()
    return re.sub(r"[^\w]+", "-", plain).strip("-")[:LONGEST_SLUG] or "route"


def rules_of(given: object, known: Collection[str]) -> tuple[Rule, ...]:
    """Checked rules from JSON; `known` are the models there are.

    Raises Invalid with a sentence for each rule that does not fit, under "rules.0" and so on.
    """
    if not isinstance(given, list | tuple) or len(given) > MOST_RULES:
        sentence = _("A route has a list of at most %(n)s rules.", n=MOST_RULES)
        raise Invalid(sentence, fields={"rules": sentence})
    rules, errors = [], {}
    for number, each in enumerate(given):
        try:
            rules.append(_checked(each, known))
        except Invalid as error:
            errors[f"rules.{number}"] = error.message
    if not given:
        errors["rules"] = _("A route needs at least one rule. Choose a model for the first one.")
    if errors:
        raise Invalid(_("Some rules do not fit. Nothing was changed."), fields=errors)
    return tuple(rules)


def given_rules(typed: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """The rules of a form as JSON, in the order their numbers say; lines without a target are left out.

    Fields are named "0.target", "0.start" and so on; a repeated field is a list.
    """
    numbers = sorted({int(key.partition(".")[0]) for key in typed if re.fullmatch(r"[0-9]{1,2}\.\w+", key)})
    found: list[tuple[int, int, dict[str, Any]]] = []
    for number in numbers:
        line = {key.partition(".")[2]: each for key, each in typed.items() if key.startswith(f"{number}.")}
        if target := _one(line, "target"):
            order = _one(line, "order")
            found.append(
                (int(order) if re.fullmatch("[0-9]{1,4}", order) else number + 1, number, _rule(line, target))
            )
    return [rule for _place, _number, rule in sorted(found, key=lambda each: each[:2])]


def _rule(line: Mapping[str, list[str]], target: str) -> dict[str, Any]:
    return {
        "target": target,
        "zone": _one(line, "zone") or "UTC",
        "start": _one(line, "start"),
        "end": _one(line, "end"),
        "weekdays": [day for day in WEEKDAYS if day in line.get("weekdays", ())],
        "needs": [need for need in NEEDS if need in line.get("needs", ())],
        "maxPriceInput": price_of(_one(line, "maxPriceInput")),
        "maxPriceOutput": price_of(_one(line, "maxPriceOutput")),
        "healthy": bool(_one(line, "healthy")),
    }


def price_of(text: str) -> int | str | None:
    """Millionths of the currency from what was typed; what is no price comes back as it is, to be refused."""
    if not text:
        return None
    if not _PRICE.fullmatch(text):
        return text
    try:
        return int(Decimal(text.replace(",", ".")) * 1_000_000)
    except InvalidOperation:
        return text


def _checked(given: object, known: Collection[str]) -> Rule:
    try:
        rule = msgspec.convert(given, Rule)
    except msgspec.ValidationError as error:
        raise Invalid(_faulty(str(error))) from error
    if rule.target not in known:
        raise Invalid(_("There is no model “%(model)s”.", model=rule.target[:100]))
    if not zone_is_known(rule.zone):
        raise Invalid(_("There is no time zone “%(zone)s”. Example: Asia/Shanghai.", zone=rule.zone[:64]))
    if bool(rule.start) != bool(rule.end):
        raise Invalid(_("Say both when the rule begins and when it ends, or neither."))
    if rule.start and rule.start == rule.end:
        raise Invalid(_("A rule cannot end when it begins. Leave both empty for the whole day."))
    return rule


def _faulty(said: str) -> str:
    """The sentence for what msgspec found: it names the place as `$.start`."""
    place = re.search(r"\$\.(\w+)", said)
    match place[1] if place else "":
        case "start" | "end":
            return _("A time is written as 08:30.")
        case "maxPriceInput" | "maxPriceOutput":
            return _("A price is a number, such as 0.27.")
        case "weekdays":
            return _("A weekday is one of: %(days)s.", days=", ".join(WEEKDAYS))
        case "target":
            return _("Choose a model.")
    return _("This rule cannot be used here.")


def _one(line: Mapping[str, list[str]], name: str) -> str:
    values = line.get(name) or [""]
    return values[0].replace("\0", "").strip()
