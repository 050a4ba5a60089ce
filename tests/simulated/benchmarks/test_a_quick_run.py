"""A quick run proves that every measurement works. Counts are asserted; times are the machine's mood."""

import json
import math
from pathlib import Path

import pytest

from benchmarks import pages
from benchmarks.figures import Result

MEASURED = {
    "cold.ratio", "cold.wall", "cold.floor", "cold.first", "cold.cpu_ratio", "cold.cpu", "cold.cpu_quiet",
    "cold.requests", "cold.queries", "cold.posts", "cold.subscriptions", "cold.lists", "cold.events",
    "cold.peak", "cold.settled", "again.writes", "sync.writes", "sync.wall", "sync.peak",
    "arrival.p50", "arrival.p99", "arrival.max",
    "churn.commit", "churn.commit50", "churn.post", "churn.rate", "churn.backlog", "churn.bounded",
    "churn.drained", "churn.posts", "churn.cpu", "churn.others", "churn.settled", "rate",
    "floor.typed", "naive.ratio", "naive.rate", "naive.requests", "naive.subscriptions",
    "toolkit.ratio", "toolkit.before", "toolkit.bytes", "toolkit.one_epg",
    "models.ratio", "models.peak", "informer.ratio", "informer.peak", "simulator",
}  # fmt: skip
COUNTS = ("cold.requests", "cold.subscriptions", "again.writes", "sync.writes")

pytestmark = pytest.mark.timeout(300)


def test_every_row_has_a_figure(result: Result) -> None:
    assert {row.key for row in result.rows} == MEASURED
    assert all(row.values for row in result.rows)
    assert all(math.isfinite(value) for row in result.rows for value in row.values)


@pytest.mark.parametrize("key", COUNTS)
def test_a_bound_on_a_count_is_met(result: Result, key: str) -> None:
    assert [row.met for row in result.of(key)] == [True]


def test_no_more_posts_are_sent_than_are_needed(result: Result) -> None:
    (posts,) = result.of("cold.posts")
    assert posts.median == 3


def test_the_table_says_of_each_bound_whether_it_is_met(quick_run: tuple[Path, str], result: Result) -> None:
    printed = quick_run[1]
    judged = list(result.judged)
    assert len(judged) >= 9
    for row in judged:
        line = next(line for line in printed.splitlines() if row.name in line)
        assert ("NOT MET" in line) is (row.met is False), line


def test_the_result_is_the_same_after_it_was_kept(quick_run: tuple[Path, str], result: Result) -> None:
    assert json.loads(json.dumps(result.document())) == json.loads(quick_run[0].read_text())


def test_the_pages_are_written_of_it(result: Result, tmp_path: Path) -> None:
    written = pages.write(result, tmp_path)
    page = (tmp_path / "performance.md").read_text()
    for row in result.rows:
        assert row.name in page
    pictures = [path for path in written if path.suffix == ".svg"]
    assert {path.stem for path in pictures} == {"floor", "others"}
    assert all(f"images/performance/{path.name}" in page for path in pictures)
