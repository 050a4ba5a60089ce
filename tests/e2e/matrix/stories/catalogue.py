"""All stories, in the order of the table."""

from tests.e2e.matrix.stories import annotations, clusters, nodes, services, workloads

STORIES = (
    *workloads.STORIES,
    *annotations.STORIES,
    *services.STORIES,
    *nodes.STORIES,
    *clusters.STORIES,
)
