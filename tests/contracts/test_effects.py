"""No setting without an effect that a test observes."""

import re
from pathlib import Path

import parley.settings.service  # noqa: F401  knows every setting
from parley.settings.catalogue import CARDS, SETTINGS, pin_name
from tests.integration.settings.effects import EFFECTS

TESTS = Path(__file__).parents[1]


def test_every_setting_names_the_test_that_observes_it() -> None:
    keys = {setting.key for setting in SETTINGS}
    assert keys - set(EFFECTS) == set(), "add these to tests/integration/settings/effects.py"
    assert set(EFFECTS) - keys == set()


def test_these_tests_exist_and_name_the_setting_or_its_subject() -> None:
    for key, node in EFFECTS.items():
        file, _sep, name = node.partition("::")
        assert re.search(rf"^(async )?def {name}\(", (TESTS / file).read_text(), re.MULTILINE), (key, node)


def test_no_two_settings_are_fixed_by_one_variable() -> None:
    assert len({pin_name(setting.key) for setting in SETTINGS}) == len(list(SETTINGS))


def test_every_card_has_settings_and_every_setting_its_words() -> None:
    assert set(CARDS) <= {setting.card for setting in SETTINGS}
    assert all(setting.label and setting.help for setting in SETTINGS)
