"""What people type into the panel, and what programs send."""

from __future__ import annotations

import pytest

from parley.chat import tuning
from parley.lib.errors import Invalid
from parley.providers.sampling import Reasoning, Sampling
from parley.web.i18n import use_language

TYPED = {
    "system_prompt": " Be kind.\0 ",
    "temperature": "0.7",
    "max_tokens": "2000",
    "stops": "END\r\n\r\n###",
    "effort": "high",
    "budget": "",
}


def test_a_form_becomes_checked_values_and_back() -> None:
    made = tuning.from_form(TYPED)
    assert made.system_prompt == "Be kind."
    assert made.sampling == Sampling(temperature=0.7, max_tokens=2000, stop=("END", "###"))
    assert made.reasoning == Reasoning(effort="high")
    assert tuning.from_form(tuning.typed_of(made)) == made


def test_an_empty_form_leaves_everything_to_the_model() -> None:
    assert tuning.from_form({}) == tuning.Tuning()
    assert tuning.Change("", Sampling(), Reasoning()).columns == ("", "{}", "{}")
    assert tuning.NO_CHANGE.columns == (None, None, None)


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("temperature", "3", "A number from 0"),
        ("temperature", "warm", "A number from 0"),
        ("top_p", "0", "A number above 0"),
        ("top_k", "1.5", "A whole number"),
        ("max_tokens", "-1", "A whole number of tokens"),
        ("stops", "a\nb\nc\nd\ne", "At most 4 lines"),
        ("budget", "much", "A whole number of tokens"),
        ("effort", "wild", "This cannot be used"),
        ("seed", "9" * 40, "A whole number"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(field: str, text: str, says: str) -> None:
    with use_language("en"), pytest.raises(Invalid) as refused:
        tuning.from_form(TYPED | {field: text})
    assert list(refused.value.fields) == [field]
    assert refused.value.fields[field].startswith(says)


def test_programs_may_not_send_names_nobody_knows() -> None:
    with pytest.raises(Invalid) as refused:
        tuning.sampling_of({"temprature": 1, "top_p": 2, "seed": 4})
    assert set(refused.value.fields) == {"temprature", "top_p"}


@pytest.mark.parametrize("effort", [word for word, _label in tuning.EFFORTS])
def test_the_quick_control_says_what_the_panel_says(effort: str) -> None:
    chosen = tuning.with_effort(Reasoning(effort="low", budget=500), effort)
    assert tuning.effort_of(chosen) == effort
    assert tuning.effort_stored(tuning.as_json(chosen)) == effort
    assert chosen.budget == (None if effort == "off" else 500)


def test_a_column_that_no_longer_fits_counts_as_not_set() -> None:
    assert tuning.stored("x", '{"temperature": 99}', "broken") == tuning.Tuning("x")


def test_a_long_prompt_is_refused_with_its_length() -> None:
    with use_language("en"), pytest.raises(Invalid, match="At most 10 characters; this has 11"):
        tuning.checked_prompt("x" * 11, 10)
    assert tuning.checked_prompt(" a\0b ", 10) == "ab"
