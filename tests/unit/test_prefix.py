"""One spelling for each address."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akb_sync.prefix import canonical, host_prefix, network, never_exposable

ADDRESSES = st.ip_addresses()


@given(ADDRESSES)
def test_an_address_becomes_the_prefix_of_itself_alone(address: ipaddress.IPv4Address) -> None:
    prefix = host_prefix(str(address))
    assert network(prefix).num_addresses == 1
    assert network(prefix).network_address == address


@given(ADDRESSES, st.integers(0, 128))
def test_what_is_canonical_stays_as_it_is(address: ipaddress.IPv4Address, length: int) -> None:
    text = canonical(f"{address}/{min(length, address.max_prefixlen)}")
    assert text
    assert canonical(text) == text
    assert str(network(text)) == text


@given(st.ip_addresses(v=6))
def test_every_spelling_of_an_address_gives_one_prefix(address: ipaddress.IPv6Address) -> None:
    spellings = {address.exploded, address.compressed, address.exploded.upper(), f"{address.exploded}/128"}
    assert {canonical(spelling) for spelling in spellings} == {host_prefix(str(address))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.1/8", "10.0.0.0/8"),
        ("10.0.0.1", "10.0.0.1/32"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:DB8:0:0::1/64", "2001:db8::/64"),
        ("::/0", "::/0"),
    ],
)
def test_host_bits_go_and_a_length_is_always_there(text: str, expected: str) -> None:
    assert canonical(text) == expected


LENGTHS = st.sampled_from(
    ["", "/32", "/128", "/0", "/24", "/64", "/032", "/255.255.255.255", "%eth0/128", "/8/32"]
)


@given(
    st.builds(
        "{}{}".format, ADDRESSES | st.sampled_from(["::ffff:10.0.0.1", "010.0.0.1", " ::1", ""]), LENGTHS
    )
)
def test_the_short_way_for_one_address_gives_what_the_library_gives(text: str) -> None:
    try:
        expected = str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        expected = ""
    assert canonical(text) == expected


@given(st.text(max_size=50))
def test_no_text_is_fatal(text: str) -> None:
    assert canonical(text) == "" or canonical(canonical(text)) == canonical(text)


@pytest.mark.parametrize("text", ["", "rubbish", "10.0.0.256", "10.0.0.0/33", "10.0.0.1/32\n", "010.0.0.1"])
def test_what_is_no_prefix_gives_nothing(text: str) -> None:
    assert canonical(text) == ""


@pytest.mark.parametrize("text", ["", "rubbish", "10.0.0.0/24", "fe80::1%eth0", "2001:db8::1%1"])
def test_what_is_no_plain_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        host_prefix(text)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("10.0.0.1", ""),
        ("2001:db8::1", ""),
    ],
)
def test_addresses_that_can_never_be_exposed_are_named(address: str, why: str) -> None:
    assert never_exposable(ipaddress.ip_address(address)) == why
