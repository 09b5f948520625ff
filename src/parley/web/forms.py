"""Forms as data: what was typed, what is wrong with it, and the struct it makes when nothing is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import msgspec
from litestar import Request

from parley.lib.errors import Invalid
from parley.web.i18n import _

T = TypeVar("T", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Form(Generic[T]):
    """A form that came back, or an empty one to show. `value` is None while there are errors."""

    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    value: T | None = None

    def refused(self, error: Invalid) -> Form[T]:
        """The same form with what a service found wrong; what was typed stays."""
        return replace(self, errors={**self.errors, **error.fields}, value=None)


async def read_form(request: Request[Any, Any, Any], struct: type[T]) -> Form[T]:
    """The urlencoded or multipart body as `struct`; fields it does not name are ignored.

    Text arrives without NUL (PostgreSQL stores none). A text field without a default must not be empty.
    """
    body = await request.form()
    names = [each.encode_name for each in msgspec.structs.fields(struct)]
    values = {name: body.get(name) for name in names}
    typed = {name: value.replace("\0", "") for name, value in values.items() if isinstance(value, str)}
    return parse_form(typed, struct)


def parse_form(typed: dict[str, str], struct: type[T]) -> Form[T]:
    """`typed` as `struct`, or one sentence for each field that does not fit."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    for each in msgspec.structs.fields(struct):
        name, text = each.encode_name, typed.get(each.encode_name, "")
        if not text.strip():
            if each.required:
                errors[name] = _("Fill this in.")
            continue
        try:
            values[name] = msgspec.convert(text, each.type, strict=False)
        except msgspec.ValidationError:
            errors[name] = _("This cannot be used here.")
    if errors:
        return Form(typed, errors)
    return Form(typed, {}, msgspec.convert(values, struct))
