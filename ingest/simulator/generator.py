"""Makes a customer's data from a seed: the same seed, size and moment give the same data, byte for byte.

The traps of the real service are in it on purpose: tests without features, requirements or creator, features that
the catalogue has forgotten, equal titles, bugs without feature, author or devices, ends at 23:59:59, and ends whose
month depends on the zone.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from ingest.simulator.catalogue import make_catalogue
from ingest.simulator.reports import make_bugs
from ingest.simulator.runs import make_tests
from ingest.simulator.world import World, WorldSize

if TYPE_CHECKING:
    from datetime import datetime


def make_world(size: WorldSize = WorldSize(), *, now: datetime, seed: int = 7) -> World:  # noqa: B008 (frozen)
    """A customer's data over the `size.days` days before `now`, an instant with a zone."""
    random = Random(seed)  # noqa: S311 (data, not secrets)
    world = World()
    deleted = make_catalogue(world, size, random)
    make_tests(world, size, deleted, now, random)
    make_bugs(world, size, now, random)
    world.sort_tests()
    return world
