"""Lets time pass in a simulated customer's data: tests move on, bugs are judged, found and deleted, features come and go."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.simulator.world import Json, World

NEXT_STATUS = {
    "initialized": "customer_finalized",
    "customer_finalized": "waiting",
    "waiting": "running",
    "running": "locked",
    "locked": "archived",
}


def change_world(world: World, seed: int) -> None:
    """Change the world in place, as a few weeks would; the same seed changes the same world in the same way."""
    random = Random(seed)  # noqa: S311 (data, not secrets)
    for product in world.products:
        _change_features(world, product["id"], random)
        _add_test(world, product["id"], random)
    for test in world.all_tests():
        if test["status"] in NEXT_STATUS and test["end_at"] and random.random() < 0.5:
            _change_bugs(world, test, random)
            test["status"] = NEXT_STATUS[test["status"]]
    world.sort_tests()


def _change_features(world: World, product_id: int, random: Random) -> None:
    features = world.features[product_id]
    renamed, deleted = random.sample(range(len(features)), k=2)
    features[renamed] = {**features[renamed], "title": f"{features[renamed]['title']}, renewed"}
    if len(features) > 3 and "renewed" not in features[deleted]["title"]:
        del features[deleted]


def _add_test(world: World, product_id: int, random: Random) -> None:
    tests = world.tests[product_id]
    if not tests:
        return
    like = random.choice([test for test in tests if test["end_at"]])
    number = max(test["id"] for test in world.all_tests()) + 1
    features = [{**feature, "id": number * 100 + place} for place, feature in enumerate(like["features"])]
    newest = max(test["end_at"] for test in tests if test["end_at"])
    tests.append({**like, "id": number, "status": "waiting", "end_at": newest, "features": features})


def _change_bugs(world: World, test: Json, random: Random) -> None:
    bugs = world.bugs.get(test["id"], [])
    for bug in bugs:
        if bug["status"] == "forwarded" and random.random() < 0.7:
            bug |= {"status": random.choice(("accepted", "rejected")), "auto_accepted": False}
    if len(bugs) > 1:
        bugs.remove(random.choice(bugs))
        number = max(bug["id"] for bug in world.all_bugs()) + 1
        bugs.append({**random.choice(bugs), "id": number, "status": "forwarded", "auto_accepted": None})
