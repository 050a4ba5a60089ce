"""What people mean when they name an EPG or a prefix."""

from __future__ import annotations

import pytest

from akb_sync.errors import SettingsError
from akb_sync.model import Binding
from akb_sync.naming import meant_epg, meant_prefix

WEB, API, TWIN = Binding("T", "L", "EPG_WEB"), Binding("T", "L", "EPG_API"), Binding("T2", "L", "EPG_API")
KNOWN = (WEB, API, TWIN, WEB)


@pytest.mark.parametrize("asked", ["EPG_WEB", "T/L/EPG_WEB", "uni/tn-T/out-L/instP-EPG_WEB"])
def test_an_epg_has_three_names(asked: str) -> None:
    assert meant_epg(asked, KNOWN) == WEB


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("EPG_API", "2 EPGs are called 'EPG_API'; name one of T/L/EPG_API, T2/L/EPG_API"),
        ("EPG_WEP", "the fabric has no external EPG 'EPG_WEP'; did you mean T/L/EPG_WEB"),
        ("epg_web", "the fabric has no external EPG 'epg_web'; did you mean T/L/EPG_WEB?"),
        ("T/L/EPG_WEP", "the fabric has no external EPG 'T/L/EPG_WEP'; did you mean T/L/EPG_WEB"),
        ("zzz", "the fabric has no external EPG 'zzz'; there are T/L/EPG_API, T/L/EPG_WEB, T2/L/EPG_API"),
        ("web", "the fabric has no external EPG 'web'; did you mean T/L/EPG_WEB?"),
        ("", "the fabric has no external EPG ''; there are"),
    ],
)
def test_what_is_not_meant_clearly_is_refused_with_the_choice(asked: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as error:
        meant_epg(asked, KNOWN)
    assert str(error.value).startswith(sentence)


def test_of_several_epgs_of_the_near_name_each_is_offered() -> None:
    with pytest.raises(SettingsError) as error:
        meant_epg("EPG_APY", KNOWN)
    assert str(error.value).endswith("did you mean T/L/EPG_API, T2/L/EPG_API?")


def test_where_there_is_none_that_is_said() -> None:
    with pytest.raises(SettingsError, match="there is none to choose from"):
        meant_epg("EPG", ())


def test_a_long_list_is_cut() -> None:
    many = [Binding("T", "L", f"EPG_{index:02}") for index in range(20)]
    with pytest.raises(SettingsError, match="and 15 more"):
        meant_epg("nothing like it", many)


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [("10.0.0.1", "10.0.0.1/32"), ("10.0.0.1/8", "10.0.0.0/8"), ("2001:DB8::1", "2001:db8::1/128")],
)
def test_a_prefix_is_made_canonical(asked: str, canonical: str) -> None:
    assert meant_prefix(asked) == canonical


@pytest.mark.parametrize("asked", ["", "10.0.0", "10.0.0.1/33", "web"])
def test_what_is_no_prefix_is_refused(asked: str) -> None:
    with pytest.raises(SettingsError, match="is no address and no prefix; write it as"):
        meant_prefix(asked)
