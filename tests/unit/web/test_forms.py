"""Forms as data."""

import msgspec

from parley.lib.errors import Invalid
from parley.web.forms import parse_form


class Order(msgspec.Struct):
    """A form with a field of each kind."""

    name: str
    pieces: int = 1
    note: str = ""


def test_a_good_form_becomes_its_struct() -> None:
    form = parse_form({"name": "Ann", "pieces": "3"}, Order)
    assert form.value == Order("Ann", 3)
    assert form.errors == {}


def test_every_field_at_fault_is_named_and_what_was_typed_stays() -> None:
    form = parse_form({"name": "  ", "pieces": "many", "note": "soon"}, Order)
    assert form.value is None
    assert set(form.errors) == {"name", "pieces"}
    assert form.typed["note"] == "soon"


def test_what_a_service_refuses_is_added_to_the_form() -> None:
    form = parse_form({"name": "Ann"}, Order).refused(Invalid("no", fields={"name": "Taken."}))
    assert form.value is None
    assert form.errors == {"name": "Taken."}
    assert form.typed == {"name": "Ann"}
