"""Names of browsers."""

import pytest

from parley.accounts.devices import device_name

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (WINDOWS + "Chrome/150.0.0.0 Safari/537.36", "Chrome, Windows"),
        (WINDOWS + "Chrome/150.0.0.0 Safari/537.36 Edg/150.0", "Edge, Windows"),
        (PHONE + "Version/18.0 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("curl/8.5.0", "curl"),
        ("", ""),
    ],
)
def test_browser_and_system(agent: str, name: str) -> None:
    assert device_name(agent) == name
