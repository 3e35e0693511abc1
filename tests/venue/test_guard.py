"""By which names the emulator may be called, and which pages may speak to it."""

import pytest

from bitget_margin_adapter.venue.guard import host_allowed, origin_allowed


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:80", "localhost:9", "[::1]:80", "[::1]", "127.9.9.9:1"])
def test_names_of_this_machine(host: str) -> None:
    assert host_allowed(host, "127.0.0.1")


@pytest.mark.parametrize(
    "host",
    [None, "", "evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "emulator:80",
     "192.168.0.9", "[::1", "[::1]x", "localhost:x", ":80", "a" * 300],
)  # fmt: skip
def test_other_names_on_the_loopback(host: str | None) -> None:
    assert not host_allowed(host, "127.0.0.1")


def test_bound_wider_addresses_and_names_of_containers_are_good_and_domains_are_not() -> None:
    assert host_allowed("192.168.0.9:80", "0.0.0.0")  # noqa: S104
    assert host_allowed("emulator:80", "0.0.0.0")  # noqa: S104
    assert not host_allowed("evil.example:80", "0.0.0.0")  # noqa: S104


def test_browsers_from_elsewhere_are_refused() -> None:
    assert origin_allowed(None, "127.0.0.1:1")
    assert origin_allowed("http://127.0.0.1:1", "127.0.0.1:1")
    for origin in ("http://evil.example", "http://127.0.0.1:2", "null", "https://127.0.0.1:1"):
        assert not origin_allowed(origin, "127.0.0.1:1")
