"""How long one has to wait."""

from parley.accounts.throttle import LOCK_MS, Tries, account_delay_ms, account_key, account_rule, range_rule

START = 1_800_000_000_000


def test_typing_errors_are_free_then_the_delay_doubles_to_half_a_minute_then_locks() -> None:
    delays = [account_delay_ms(failures) // 1000 for failures in range(1, 21)]
    assert delays == [0, 0, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 900]


def test_nobody_is_locked_out_for_more_than_a_quarter_of_an_hour() -> None:
    tries = Tries(0, START, 0)
    now = START
    for _ in range(40):
        tries = account_rule(tries, now)
        assert tries.locked_until - now <= LOCK_MS
        now = max(tries.locked_until, now + 1)
    after_the_lock = account_rule(Tries(20, START, START + LOCK_MS), START + LOCK_MS)
    assert after_the_lock.failures == 1


def test_a_range_has_thirty_tries_in_ten_minutes() -> None:
    tries = Tries(0, START, 0)
    for n in range(29):
        tries = range_rule(tries, START + n)
        assert tries.locked_until == 0
    tries = range_rule(tries, START + 29)
    assert tries.locked_until == START + 600_000
    assert range_rule(tries, START + 600_000) == Tries(1, START + 600_000, 0)


def test_what_people_type_as_a_name_is_not_kept_as_typed() -> None:
    assert "hunter2" not in account_key("hunter2")
    assert len(account_key("x" * 10_000)) <= 80
