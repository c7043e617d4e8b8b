"""Makes the simulated tests: when they ran, what they looked at and who set them up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

from ingest.simulator.catalogue import feature_words
from ingest.simulator.vocabulary import (
    BOTH,
    CUSTOMERS,
    DELETED_SHARE,
    ENVIRONMENTS,
    SYSTEMS,
    TEST_SUBJECTS,
    TESTING_TYPES,
)

if TYPE_CHECKING:
    from random import Random

    from ingest.simulator.world import Json, World, WorldSize

FIRST_TEST = 109_000
FIRST_TEST_FEATURE = 1_042_000
ZONES = (timezone(timedelta(hours=2)), UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-5)))
FINAL_AFTER = timedelta(days=42)
HORIZON = timedelta(days=14)
"""How far ahead the last tests end; some of them have not begun."""


def make_tests(world: World, size: WorldSize, deleted: dict[int, list[Json]], now: datetime, random: Random) -> None:
    """Fill `world.tests`, oldest first, the last ones still running or waiting."""
    test_feature = FIRST_TEST_FEATURE
    for index in range(size.tests):
        product = random.choice(world.products)
        age = 1 - index / max(size.tests - 1, 1)
        end = _end(index, now + HORIZON - timedelta(days=size.days * age), random)
        known = world.features[product["id"]] + (deleted[product["id"]] if age > 1 - DELETED_SHARE else [])
        test = _test(FIRST_TEST + index, product, end, now, random)
        if test["testing_type"] is not None:
            chosen = random.sample(known, k=random.randint(2, min(5, len(known))))
            test["features"] = [_test_feature(test_feature + place, one) for place, one in enumerate(chosen)]
            test_feature += len(chosen)
        world.tests[product["id"]].append(test)
    _leave_one_without_dates(world)


def _end(index: int, near: datetime, random: Random) -> datetime:
    """An end near the moment given: mostly on the hour, sometimes where a careless comparison goes wrong."""
    near = near.replace(minute=0, second=0, microsecond=0) + timedelta(hours=random.randint(-6, 6))
    first = near.replace(day=1, hour=0)
    if index % 17 == 5:  # the last second of a month, in UTC
        return (first - timedelta(seconds=1)).astimezone(UTC)
    if index % 17 == 11:  # the first of a month in Europe, still the month before in UTC
        return first.replace(minute=30, tzinfo=ZONES[0])
    return near.astimezone(random.choice(ZONES))


def _test(test_id: int, product: Json, end: datetime, now: datetime, random: Random) -> Json:
    start = end - timedelta(days=random.randint(1, 7), hours=random.randint(0, 5))
    status = _status(start, end, now, random)
    # One test in twelve is a run of test cases: no type, no features.
    testing_type = None if test_id % 12 == 3 else random.choices(TESTING_TYPES, weights=(6, 4, 3, 1, 1))[0]
    title = f"{product['name']}: {random.choice(TEST_SUBJECTS)}"  # titles repeat
    customer = random.choices((*CUSTOMERS, *BOTH), weights=(5, 4, 3, 2, 1, 1, 1))[0]
    goal = f"Find what is wrong with {product['name']}."
    test = {
        "id": test_id,
        "test_title": title,
        "title": title,
        "status": status,
        "test_environment": _environment(product, random) if test_id % 9 else None,
        "features": [],
        "goal": f"**{goal}**",
        "goal_text": goal,
        "out_of_scope": None,
        "out_of_scope_text": None,
        "instructions": "Follow the steps.",
        "instructions_text": "Follow the steps.",
        "testing_type": testing_type,
        "attachments": [],
        "requirements": [] if test_id % 7 == 2 else _requirements(product["type"], random),
        "report_language": random.choice(("en", "en", "de")),
        "section": product["sections"][0] if product["sections"] else None,
        "product": product,
        "enable_low": True,
        "enable_high": True,
        "enable_critical": True,
        "allow_device_clouds_test_scenario": False,
        "created_by": None if test_id % 11 == 4 else customer,
        "submitted_by": None if test_id % 5 == 1 or status == "initialized" else customer,
        "start_at": start.isoformat(),
        "end_at": end.isoformat(),
        "allowed_bug_types": ["default", "content", "visual"],
        "reviews": [],
        "review_status": "review_successful" if status in ("locked", "archived", "running") else "not_finalized",
        "demo": False,
    }
    if test_id % 3 == 0:
        test["duration"] = 60 * random.randint(2, 48)
    return test


def _status(start: datetime, end: datetime, now: datetime, random: Random) -> str:
    if start > now:
        return random.choice(("initialized", "customer_finalized", "waiting"))
    if end > now:
        return "running"
    if random.random() < 0.05:
        return "cancelled"
    if end > now - FINAL_AFTER:
        return random.choices(("locked", "archived"), weights=(3, 1))[0]
    return "archived"


def _environment(product: Json, random: Random) -> Json:
    place = random.randrange(len(ENVIRONMENTS))
    return {
        "id": product["id"] * 10 + place,
        "title": ENVIRONMENTS[place],
        "url": "https://staging.example/",
        "username": "crowd-user",
        "password": "s3cret-Pa55",
        "access": "basic auth crowd-user:s3cret-Pa55",
        "proxy": None,
        "allow_orders": False,
        "access_type": "basic",
        "environment_test_information": None,
        "binary_app": None,
    }


def _requirements(product_type: str, random: Random) -> list[Json]:
    systems = {
        "mobile_app_ios": ("iOS",),
        "mobile_app_android": ("Android",),
        "streaming_app": ("tvOS", "Android", "iOS"),
    }.get(product_type, ("Windows", "macOS", "Android", "iOS"))
    chosen = random.sample(systems, k=random.randint(1, len(systems)))
    found = []
    for system in chosen:
        kinds = SYSTEMS[system]
        # A system may be asked for twice, as smartphone and as tablet.
        found += [_requirement(system, kind) for kind in kinds[: random.randint(1, len(kinds))]]
    return found


def _requirement(system: str, kind: str) -> Json:
    names = list(SYSTEMS)
    return {
        "id": 9000 + names.index(system) * 10 + len(kind),
        "browsers": [],
        "category": {"id": len(kind), "key": kind.replace(" ", "_"), "name": kind},
        "devices": [],
        "input_devices": [],
        "min_operating_system_version": None,
        "max_operating_system_version": None,
        "operating_system": {"id": names.index(system) + 1, "key": system.lower(), "name": system},
        "vendor": None,
        "browser_based": False,
        "gaming": False,
    }


def _test_feature(test_feature_id: int, feature: Json) -> Json:
    default = True if feature_words(feature["title"]).weight > 0.5 else None
    return {
        "id": test_feature_id,
        "feature_id": feature["id"],
        "title": feature["title"],
        "description": feature["description"],
        "location": None,
        "howtofind": feature["howtofind"],
        "target_idx": None,
        "enable_default": default,
        "enable_content": True,
        "enable_visual": test_feature_id % 2 == 0,
        "custom_report_configurations": [],
        "user_stories": feature["user_stories"] or None,
    }


def _leave_one_without_dates(world: World) -> None:
    """The newest test that has not begun becomes a draft without dates."""
    waiting = [test for test in world.all_tests() if test["status"] in ("initialized", "waiting", "customer_finalized")]
    if waiting:
        newest = max(waiting, key=lambda test: int(test["id"]))
        newest |= {"status": "initialized", "start_at": None, "end_at": None, "submitted_by": None}
