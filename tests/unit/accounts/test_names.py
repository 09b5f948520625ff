"""Names and passwords an account may have."""

import pytest

from parley.accounts.names import checked_credentials, name_fault, username_key
from parley.lib.errors import Invalid

GOOD = "quiet otter 47"


@pytest.mark.parametrize("name", ["ann", "Ann_99", "a" * 20, "王小明", "李雷_2", "さくら", "김철수", " ann "])
def test_good_names(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize(
    "name", ["", "ab", "a" * 21, "an n", "ann!", "ann\0", "аnn", "é€ab", "<b>ann", "a-b"]
)
def test_bad_names(name: str) -> None:
    assert name_fault(name)


def test_width_composition_and_case_do_not_make_another_name() -> None:
    assert username_key("Ann") == username_key("ann") == username_key("ａＮＮ")
    assert checked_credentials("ａｎｎ", GOOD) == "ann"


def test_all_faults_come_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        checked_credentials("x", "short")
    assert set(caught.value.fields) == {"username", "password"}
