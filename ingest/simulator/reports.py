"""Makes the simulated bugs: who found what, where, how bad it was and what became of it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ingest.simulator.catalogue import feature_words
from ingest.simulator.vocabulary import (
    BOTH,
    BROWSERS,
    DEVICES,
    REJECTION_COMMENTS,
    SYMPTOMS,
    SYSTEM_VERSIONS,
    SYSTEMS,
    TESTERS,
)

if TYPE_CHECKING:
    from random import Random

    from ingest.simulator.world import Json, World, WorldSize

FIRST_BUG = 2_104_000
EXECUTED = ("running", "locked", "archived")
SEVERITIES = ("high", "low", "visual", "content", "custom")
SEVERITY_WEIGHTS = (30, 38, 12, 8, 2)


def make_bugs(world: World, size: WorldSize, now: datetime, random: Random) -> None:
    """Fill `world.bugs` for tests that ran; a test's share depends on chance and on how prone its features are."""
    tests = sorted((test for test in world.all_tests() if test["status"] in EXECUTED), key=lambda test: int(test["id"]))
    if not tests or not size.bugs:
        return
    weights = [random.uniform(0.2, 1.0) * (1 + sum(_prone(one) for one in test["features"])) for test in tests]
    shares = Counter(random.choices(range(len(tests)), weights=weights, k=size.bugs))
    bug_id = FIRST_BUG
    for index, test in enumerate(tests):
        crew = random.sample((*TESTERS, *BOTH), k=random.randint(3, 8))
        bugs = [_bug(bug_id + place, test, crew, now, random) for place in range(shares[index])]
        bug_id += len(bugs)
        world.bugs[test["id"]] = bugs


def _prone(test_feature: Json) -> float:
    return feature_words(test_feature["title"]).weight


def _bug(bug_id: int, test: Json, crew: list[str], now: datetime, random: Random) -> Json:
    feature = _choose_feature(test, random)
    title = feature["title"] if feature else test["product"]["name"]
    critical = feature_words(feature["title"]).critical if feature else 0.03
    severity = "critical" if random.random() < critical else random.choices(SEVERITIES, weights=SEVERITY_WEIGHTS)[0]
    start, end = datetime.fromisoformat(test["start_at"]), datetime.fromisoformat(test["end_at"])
    reported = start + (min(end, now) - start) * random.random()
    bug: Json = {
        "id": bug_id,
        "title": f"{title} {random.choice(SYMPTOMS)}",
        "severity": severity,
        "test": {"id": test["id"], "title": test["title"]},
        "feature": {"id": feature["feature_id"], "title": feature["title"]} if feature else None,
        "product": {"id": test["product"]["id"], "name": test["product"]["name"]},
        "author": None if bug_id % 97 == 13 else {"name": random.choice(crew)},
        "language": random.choice(("en", "en", "de")),
        "location": f"https://shop.example/{title.lower().replace(' ', '-')}",
        "expected_result": f"  {title} works.  ",
        "actual_result": "" if bug_id % 41 == 0 else f"{title} does not work.",
        "steps": ["Open the start page.", f"Go to {title}.", "Look."],
        "devices": None if severity == "custom" else [_device(random)],
        "attachments": [],
        "reported_at": reported.replace(microsecond=0).isoformat(),
        "exported_at": None,
        **_outcome(reported, now, random),
    }
    if feature is None:
        bug |= {"test_feature": None} if bug_id % 2 else {}
    else:
        bug["test_feature"] = {"id": feature["id"], "feature_id": feature["feature_id"]}
    if bug_id % 5 == 0:
        bug["known"] = bug_id % 10 == 0
    if bug_id % 301 == 7:
        del bug["title"]
    if severity == "custom":
        bug["report"] = _custom_report(title)
    if bug["status"] == "accepted" and bug_id % 4 == 0:
        bug["exported_at"] = (reported + timedelta(days=2)).replace(microsecond=0).isoformat()
    return bug


def _choose_feature(test: Json, random: Random) -> Json | None:
    """One of the test's features, the prone ones oftener; or none, for one bug in thirty."""
    features: list[Json] = test["features"]
    if not features or random.random() < 0.03:
        return None
    return random.choices(features, weights=[_prone(one) for one in features])[0]


def _outcome(reported: datetime, now: datetime, random: Random) -> Json:
    """What the customer made of it: nothing yet, accepted (by lapse of time too), or rejected with a comment."""
    if now - reported < timedelta(days=10) and random.random() < 0.6:
        return {"status": "forwarded", "auto_accepted": None, "comments": []}
    fate = random.choices(("accepted", "auto_accepted", "rejected", "forwarded"), weights=(58, 17, 22, 3))[0]
    if fate == "rejected":
        comment = {"id": 1, "body": f"{random.choice(REJECTION_COMMENTS)}\n\nThanks!", "author": {"name": "jane.doe"}}
        return {"status": "rejected", "auto_accepted": False, "comments": [comment]}
    if fate == "auto_accepted":
        return {"status": "accepted", "auto_accepted": True, "comments": None}
    return {"status": fate, "auto_accepted": False, "comments": []}


def _device(random: Random) -> Json:
    system = random.choices(tuple(SYSTEMS), weights=(5, 5, 4, 2, 1))[0]
    vendor, device = random.choice(DEVICES[system])
    kind = SYSTEMS[system][0]
    return {
        "id": 70_000 + sum(map(ord, device)),
        "category": {"name": kind},
        "vendor": {"name": vendor},
        "devices": {"name": device},
        "operating_system": {
            "id": list(SYSTEMS).index(system) + 1,
            "name": f"{system} {random.choice(SYSTEM_VERSIONS[system])}",
        },
        "browsers": [{"name": random.choice(BROWSERS)}] if kind == "computer" else [],
    }


def _custom_report(title: str) -> Json:
    data = [
        {"key": "rating", "name": "Rating", "type": "number", "value": 3, "position": 1},
        {"key": "comment", "name": "Comment", "type": "text", "value": f"{title} could be clearer.", "position": 2},
    ]
    return {"title": "Usability", "custom_report_configuration_id": 5, "content": {"data": data}}
