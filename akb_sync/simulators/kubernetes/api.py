"""The API without its wire: every verb as a method, for the HTTP server, the controllers and tests alike."""

from collections.abc import Callable
from typing import Any

from akb_sync.simulators.kubernetes import errors, event_versions
from akb_sync.simulators.kubernetes.deleting import DeleteOptions, Deleter
from akb_sync.simulators.kubernetes.listing import Page, Query, list_page
from akb_sync.simulators.kubernetes.naming import Namer
from akb_sync.simulators.kubernetes.objects import Clock, key_of, utc_now
from akb_sync.simulators.kubernetes.options import Options
from akb_sync.simulators.kubernetes.resources import Resource, ResourceTable
from akb_sync.simulators.kubernetes.storage import Record, Store
from akb_sync.simulators.kubernetes.writing import Writer

Json = dict[str, Any]


class Api:
    """All verbs on all kinds. Objects that come back are the store's own: read them, do not change them."""

    def __init__(self, options: Options, clock: Clock = utc_now) -> None:
        self.options = options
        self.table = ResourceTable(options.resources)
        self.store = Store(options.history)
        self.namer = Namer(options.seed)
        self.clock = clock
        self._writer = Writer(self.store, self.table, options, self.namer, clock)
        self._deleter = Deleter(self.store, clock)
        self._writer.finished = self._deleter.finish

    def get(self, resource: Resource, namespace: str, name: str) -> Record:
        """One object. Raises ApiError 404."""
        record = self.store.get(resource.storage, key_of(namespace, name))
        if record is None:
            raise errors.not_found(resource, name)
        return event_versions.outgoing(resource, record)

    def list(self, resource: Resource, query: Query, *, view: int | None = None) -> Page:
        """One page of objects."""
        page = list_page(self.store, *event_versions.query(resource, query), view=view)
        records = [event_versions.outgoing(resource, record) for record in page.records]
        return Page(records, page.revision, page.continue_token, page.remaining)

    def create(self, resource: Resource, namespace: str, body: Json, *, dry_run: bool = False) -> Json:
        """A new object."""
        return self._writer.create(resource, namespace, body, dry_run=dry_run)

    def replace(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        body: Json,
        *,
        subresource: str = "",
        dry_run: bool = False,
    ) -> tuple[Json, bool]:
        """The object put in place, and whether that created it."""
        return self._writer.replace(resource, namespace, name, body, subresource=subresource, dry_run=dry_run)

    def patch(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        change: Callable[[Json], Json],
        *,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Json:
        """The object after `change`, a function that must not change its argument."""
        return self._writer.patch(resource, namespace, name, change, subresource=subresource, dry_run=dry_run)

    def delete(
        self, resource: Resource, namespace: str, name: str, options: DeleteOptions | None = None
    ) -> tuple[Json, bool]:
        """The object's last state, and whether it is gone already."""
        return self._deleter.delete(resource, namespace, name, options or DeleteOptions())

    def delete_collection(self, resource: Resource, query: Query, options: DeleteOptions) -> Page:
        """Delete everything that the query selects; returns what it was."""
        page = self.list(resource, query)
        for record in page.records:
            meta = record.data["metadata"]
            try:
                self.delete(resource, meta.get("namespace", ""), meta["name"], options)
            except errors.ApiError as error:
                if error.code != 404:
                    raise
        return page
