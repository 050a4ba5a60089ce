"""Pools of IP addresses: for Pods, Nodes, ClusterIPs and load balancers.

A pool goes round its range, as host-local IPAM does, so that an address that was given back is not at
once somebody else's. Who holds an address is a name or uid, and asking again gives the same one.
"""

from ipaddress import ip_address, ip_network


class PoolExhaustedError(Exception):
    """The range has no free address."""


class AddressPool:
    """One range; network, broadcast and the addresses in `skip` are never given."""

    def __init__(self, cidr: str, *, skip: int = 1) -> None:
        self.network = ip_network(cidr)
        self._skip = skip
        self._next = 0
        self._holders: dict[str, str] = {}
        self._by_holder: dict[str, str] = {}

    @property
    def size(self) -> int:
        """How many addresses can be given."""
        reserved = self._skip + (1 if self.network.version == 4 else 0)
        return self.network.num_addresses - reserved

    def take(self, holder: str) -> str:
        """An address for `holder`; the same one until it is given back.

        Raises:
            PoolExhaustedError: when none is left.
        """
        if holder in self._by_holder:
            return self._by_holder[holder]
        if len(self._holders) >= self.size:
            raise PoolExhaustedError(str(self.network))
        while (address := self._step()) in self._holders:
            pass
        return self._give(address, holder)

    def claim(self, address: str, holder: str) -> bool:
        """Take this very address if it is in the range and free or already the holder's."""
        if ip_address(address) not in self.network:
            return False
        canonical = str(ip_address(address))
        if self._holders.get(canonical, holder) != holder:
            return False
        self.release(holder)
        self._give(canonical, holder)
        return True

    def release(self, holder: str) -> None:
        """Give the holder's address back, if it has one."""
        address = self._by_holder.pop(holder, None)
        if address is not None:
            del self._holders[address]

    def _give(self, address: str, holder: str) -> str:
        self._holders[address] = holder
        self._by_holder[holder] = address
        return address

    def _step(self) -> str:
        address = self.network[self._skip + self._next]
        self._next = (self._next + 1) % self.size
        return str(address)


def pools(cidrs: tuple[str, ...], families: int, *, skip: int = 1) -> list[AddressPool]:
    """One pool for each of the first `families` ranges."""
    return [AddressPool(cidr, skip=skip) for cidr in cidrs[:families]]
