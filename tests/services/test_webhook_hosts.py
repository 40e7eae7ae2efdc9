"""Where a webhook may lead."""

import pytest

from domain.errors import InvalidInputError, RefusedError
from services.webhook_hosts import address_to_ask, is_public, listed_hosts, target_of


@pytest.mark.parametrize(
    "url",
    ["", "oa", "ftp://oa/", "//oa/", "https://", "https://user:word@oa/", "https://oa/#part", "https://oa:x/", "https://o a/", "https://oa\\@b/", "file:///etc/passwd", "https://[::1/"],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_none(url: str) -> None:
    with pytest.raises(InvalidInputError, match="no address a webhook can have"):
        target_of(url)


def test_a_name_is_refused_when_one_of_its_addresses_lies_inside() -> None:
    target, hosts = target_of("https://oa.yunxi.example/"), listed_hosts("OA.yunxi.example, other.example")

    assert address_to_ask(target, hosts, lambda *_: ["1.1.1.1", "2606:4700::1"]) == "1.1.1.1"
    for inside in ("10.0.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "::ffff:127.0.0.1", "100.64.0.1"):
        with pytest.raises(RefusedError, match="not a public address"):
            address_to_ask(target, hosts, lambda *_, inside=inside: ["1.1.1.1", inside])


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "no address"],
)  # fmt: skip
def test_addresses_inside_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_public_net_are(address: str) -> None:
    assert is_public(address)
