"""Makes the simulated products, their sections and their features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ingest.simulator.vocabulary import DELETED_FEATURES, PRODUCTS, FeatureWords, ProductWords

if TYPE_CHECKING:
    from random import Random

    from ingest.simulator.world import Json, World, WorldSize

FIRST_PRODUCT = 598
FIRST_SECTION = 40
FIRST_FEATURE = 196_972


def make_catalogue(world: World, size: WorldSize, random: Random) -> dict[int, list[Json]]:
    """Fill products and features; returns, by product, the features that exist no more but that old tests name."""
    deleted: dict[int, list[Json]] = {}
    section, feature = FIRST_SECTION, FIRST_FEATURE
    for index in range(size.products):
        words = PRODUCTS[index % len(PRODUCTS)]
        product = _product(FIRST_PRODUCT + index, index // len(PRODUCTS), words, section, random)
        section += len(product["sections_with_default"])
        features = [_feature(feature + place, one, product, place) for place, one in enumerate(words.features)]
        feature += len(features)
        gone = [_feature(feature + place, one, product, place) for place, one in enumerate(DELETED_FEATURES)]
        feature += len(gone)
        world.products.append(product)
        world.features[product["id"]] = features
        deleted[product["id"]] = gone
        world.tests[product["id"]] = []
    return deleted


def feature_words(title: str) -> FeatureWords:
    """The words that a feature of this title was made from."""
    return _WORDS[title]


_WORDS = {one.title: one for product in PRODUCTS for one in product.features} | {
    one.title: one for one in DELETED_FEATURES
}


def _product(product_id: int, round_: int, words: ProductWords, first_section: int, random: Random) -> Json:
    default = [_section(first_section + place, name) for place, name in enumerate(words.default_sections)]
    return {
        "id": product_id,
        "name": f"{words.name} {round_ + 1}" if round_ else words.name,
        "description": random.choice((None, f"{words.name}, as customers see it.")),
        "type": words.type,
        "default_section_id": first_section,
        "sections": default if words.sections else [],
        "sections_with_default": default,
        "connection": random.choice(
            (None, {"id": product_id, "name": "VPN", "url": "https://vpn.example", "fixed": False})
        ),
        "remote_device_testing": False,
    }


def _section(section_id: int, name: str) -> Json:
    return {"id": section_id, "name": name, "connection": None, "test_templates": {"total": 0, "count": 0}}


def _feature(feature_id: int, words: FeatureWords, product: Json, place: int) -> Json:
    sections = [section["id"] for section in product["sections_with_default"]]
    # Every fourth feature stands in two sections, where there are two.
    own = sections if place % 4 == 0 else [sections[place % len(sections)]]
    return {
        "id": feature_id,
        "title": words.title,
        "description": f"Everything around {words.title.lower()}." if place % 3 else None,
        "howtofind": f"Menu, then {words.title}." if place % 2 else None,
        "user_stories": [f"As a user I can rely on {words.title.lower()}."] if place % 2 else [],
        "section_ids": own,
    }
