"""What is made of the figures: medians, verdicts, exponents, and how long events waited."""

import math
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from benchmarks import pages
from benchmarks.churn import Backlog
from benchmarks.drawing import Bar, Curve, bars, curves
from benchmarks.figures import Point, Result, Row, Series, quantile
from benchmarks.reckoning import reckon

ROW = Row("cold.ratio", "cold start", 10_000, 30, (1.2, 1.9, 1.4), "x", bound=1.5)


def series(key: str, **figures: list[float]) -> Series:
    """Figures at 1, 10 and 100."""
    points = [
        Point(x, {name: values[number] for name, values in figures.items()})
        for number, x in enumerate((1, 10, 100))
    ]
    return Series(key, key, "all else", tuple(points))


def test_the_median_is_judged_and_not_the_worst_run() -> None:
    assert (ROW.median, ROW.spread, ROW.met) == (1.4, (1.2, 1.9), True)
    assert not replace(ROW, values=(1.2, 1.6, 1.9)).met


def test_a_bound_can_ask_for_at_least_so_much() -> None:
    assert replace(ROW, bound=1.4, least=True).met
    assert not replace(ROW, bound=1.41, least=True).met
    assert replace(ROW, bound=None).met is None


def test_an_exponent_is_the_slope_of_logarithms() -> None:
    found = series("pods", linear=[2, 20, 200], square=[1, 100, 10_000], constant=[5, 5, 5], none=[0, 0, 0])
    assert found.exponent("linear") == pytest.approx(1)
    assert found.exponent("square") == pytest.approx(2)
    assert found.exponent("constant") == pytest.approx(0)
    assert math.isnan(found.exponent("none"))


def test_a_line_says_what_each_one_more_adds_and_what_was_there_before() -> None:
    assert series("pods", peak=[52, 70, 250]).line("peak") == pytest.approx((2, 50))


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_a_quantile_is_a_value_that_was_measured(share: float, value: float) -> None:
    assert quantile(range(100, 0, -1), share) == value
    assert math.isnan(quantile([], share))


def test_a_backlog_is_bounded_when_the_last_third_is_not_worse_than_the_one_before() -> None:
    assert Backlog(before=500, last=520, most=900).bounded(3_000)
    assert not Backlog(before=500, last=620, most=620).bounded(3_000)


def test_a_result_comes_back_from_its_document() -> None:
    result = Result({"python": "3"}, [ROW], [series("pods", wall=[1, 2, 3])], {"idle.requests": 7.0})
    assert Result.from_document(result.document()) == result


def test_what_is_measured_again_takes_the_place_of_what_was_there() -> None:
    result = Result({}, [ROW], [series("pods", wall=[1, 2, 3])])
    again, other = replace(ROW, values=(1.0,)), replace(ROW, latency=0)
    result.add([again, other])
    result.put(series("pods", wall=[4, 5, 6]))
    assert result.rows == [again, other]
    assert [each.values("wall") for each in result.series] == [[(1, 4), (10, 5), (100, 6)]]


@pytest.mark.parametrize(("load", "warned"), [("0.4", False), ("9.1", True)])
def test_a_page_says_when_other_programs_were_at_work_too(load: str, *, warned: bool) -> None:
    machine = {"python": "3.11", "system": "Linux", "processor": "x", "processors": "2", "load": load}
    assert (pages.DISTURBED in pages.performance_page(Result(machine, [ROW]))) is warned


def test_plots_are_well_formed_and_show_every_bar_and_point() -> None:
    drawn = bars("A & B", "bars", [Bar("one <1>", 1, "1 x"), Bar("two", 40, "40 x", ours=True)], bound=1.5)
    assert _count(drawn, "rect") == 3
    assert _count(drawn, "line") == 1
    drawn = curves("Growth", "curves", "Pods", [Curve("wall, s", [(1, 0), (10, 2), (100, 30)], "exponent 1")])
    assert _count(drawn, "circle") == 3
    assert "prefers-color-scheme: dark" in drawn


def test_half_a_million_pods_are_reckoned_from_the_series() -> None:
    result = Result({}, [replace(ROW, key="cold.queries", values=(4,))], inputs=INPUTS)
    assert reckon(result) is None
    result.series = [
        series("pods", peak=[50.001, 50.01, 50.1], cpu=[1.0001, 1.001, 1.01]),
        series("foreign", peak=[60.002, 60.02, 60.2], cpu=[1, 1, 1]),
        series("clusters", peak=[1, 1, 1]),
    ]
    found = reckon(result)
    assert found is not None
    apart = {line.what: line.value for line in found.apart}
    assert apart["subscriptions"] == 100
    assert apart["requests while nothing happens"] == pytest.approx(100 * 40 / 60 / 20)
    assert apart["requests of the full reads"] == pytest.approx(100 * 4 / 300)
    assert apart["POSTs at the most, each change alone"] == pytest.approx(1_000_000 / 86_400)
    assert apart["memory of an engine"] == pytest.approx(50 + 5)
    together = {line.what: line.value for line in found.together}
    assert together["subscriptions"] == 10_000
    assert together["memory of an engine"] == pytest.approx(55 + 2 * 495)
    page = pages.scale_page(found)
    for line in (*found.apart, *found.together):
        assert f"| {line.what} | `{line.formula}` |" in page
    for name in found.inputs:
        assert f"| {name} |" in page


INPUTS = {
    "idle.requests": 40.0,
    "idle.seconds": 60.0,
    "idle.engines": 20.0,
    "setting.resync": 300.0,
    "setting.subscription_refresh": 30.0,
    "setting.page_size": 20_000.0,
}


def _count(drawn: str, tag: str) -> int:
    root = ET.fromstring(drawn)
    return len(root.findall(f".//{{http://www.w3.org/2000/svg}}{tag}"))
