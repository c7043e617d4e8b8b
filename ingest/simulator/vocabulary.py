"""The words that a simulated customer's data is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FeatureWords:
    """A feature's title and how prone to bugs, and to critical ones, it is."""

    title: str
    weight: float = 1.0
    critical: float = 0.06


@dataclass(frozen=True, slots=True)
class ProductWords:
    """A product's name, type, section names and features; `default_sections` stand only in `sections_with_default`."""

    name: str
    type: str
    features: tuple[FeatureWords, ...]
    sections: tuple[str, ...] = ()
    default_sections: tuple[str, ...] = ("Default",)


LOGIN = FeatureWords("Login", 1.4, 0.10)
SEARCH = FeatureWords("Search", 1.1, 0.03)
PROFILE = FeatureWords("Profile", 0.7, 0.02)
SETTINGS = FeatureWords("Settings", 0.6, 0.02)

PRODUCTS = (
    ProductWords(
        name="Aurora Shop",
        type="website",
        sections=("Storefront", "Account"),
        default_sections=("Storefront", "Account"),
        features=(
            LOGIN,
            SEARCH,
            FeatureWords("Checkout", 2.2, 0.24),
            FeatureWords("Shopping cart", 1.6, 0.14),
            FeatureWords("Product page", 1.2, 0.04),
            FeatureWords("Wishlist", 0.6, 0.01),
            FeatureWords("Order history", 0.8, 0.05),
            FeatureWords("Returns", 0.7, 0.08),
            FeatureWords("Store finder", 0.4, 0.01),
            PROFILE,
        ),
    ),
    ProductWords(
        name="Aurora Shop iOS",
        type="mobile_app_ios",
        features=(
            LOGIN,
            SEARCH,
            FeatureWords("Checkout", 1.8, 0.18),
            FeatureWords("Push notifications", 0.9, 0.05),
            FeatureWords("Barcode scanner", 1.0, 0.07),
            FeatureWords("Offline mode", 1.1, 0.12),
            FeatureWords("Widgets", 0.5, 0.02),
            SETTINGS,
        ),
    ),
    ProductWords(
        name="Aurora Pay",
        type="mobile_app_android",
        default_sections=("Default", "Business"),
        features=(
            LOGIN,
            FeatureWords("Money transfer", 1.9, 0.22),
            FeatureWords("Card management", 1.3, 0.12),
            FeatureWords("Statements", 0.8, 0.04),
            FeatureWords("Identity check", 1.2, 0.15),
            FeatureWords("Currency exchange", 0.9, 0.10),
            PROFILE,
            PROFILE,  # two features of one title in one product stay two features
        ),
    ),
    ProductWords(
        name="Nimbus TV",
        type="streaming_app",
        features=(
            LOGIN,
            SEARCH,
            FeatureWords("Playback", 2.0, 0.16),
            FeatureWords("Subtitles", 1.0, 0.03),
            FeatureWords("Downloads", 1.1, 0.09),
            FeatureWords("Parental controls", 0.6, 0.06),
            FeatureWords("Subscriptions", 1.0, 0.13),
            SETTINGS,
        ),
    ),
)

DELETED_FEATURES = (FeatureWords("Gift cards", 0.9, 0.10), FeatureWords("Live chat", 0.8, 0.05))
"""Features that old tests still name and the catalogue no longer lists."""

DELETED_SHARE = 0.6
"""Deleted features appear only in the older part of the history, up to this share of it."""

TESTERS = (
    "ada.moreau",
    "ben.okafor",
    "carla.jensen",
    "dmitri.volkov",
    "elena.rossi",
    "farid.haddad",
    "grace.lindqvist",
    "hugo.santos",
    "ines.carvalho",
    "jonas.weber",
    "kavya.iyer",
    "liam.murphy",
    "mara.kowalska",
    "nils.bergman",
    "olga.petrova",
    "pablo.ruiz",
    "quinn.taylor",
    "rosa.delgado",
    "samir.patel",
    "tara.novak",
    "uma.krishnan",
    "viktor.nagy",
    "wanda.schulz",
    "xavier.dupont",
    "yuki.tanaka",
    "zoe.papadakis",
    "amir.rahimi",
    "bianca.ferrari",
    "chen.wei",
    "dalia.mansour",
)
CUSTOMERS = ("jane.doe", "max.huber", "priya.nair", "tom.becker", "lucy.chan")
BOTH = ("sam.keller", "nora.brandt")
"""People who set up tests and report bugs too."""

ENVIRONMENTS = ("Production", "Staging", "Beta channel")
TEST_SUBJECTS = ("Release", "Regression", "Payment round", "Smoke test", "Localisation", "Accessibility", "New design")
TESTING_TYPES = ("coverage", "focused", "rapid", "usability", "external")
SYSTEMS = {
    "Android": ("smartphone", "tablet"),
    "iOS": ("smartphone", "tablet"),
    "Windows": ("computer",),
    "macOS": ("computer",),
    "tvOS": ("set-top box",),
}
SYSTEM_VERSIONS = {
    "Android": ("12", "13", "14"),
    "iOS": ("16.6", "17.4", "18.1"),
    "Windows": ("10", "11"),
    "macOS": ("13.6", "14.5"),
    "tvOS": ("17.0",),
}
DEVICES = {
    "Android": (("Samsung", "Galaxy S22"), ("Google", "Pixel 7"), ("Xiaomi", "Redmi Note 12")),
    "iOS": (("Apple", "iPhone 13"), ("Apple", "iPhone 15"), ("Apple", "iPad Air")),
    "Windows": (("Dell", "XPS 13"), ("Lenovo", "ThinkPad T14")),
    "macOS": (("Apple", "MacBook Air"),),
    "tvOS": (("Apple", "Apple TV 4K"),),
}
BROWSERS = ("Chrome", "Firefox", "Safari", "Edge")
SYMPTOMS = (
    "freezes after a tap",
    "shows an error page",
    "loses what was typed",
    "does not load",
    "is cut off on small screens",
    "shows a wrong amount",
    "keeps spinning",
    "opens the wrong page",
    "has a broken translation",
    "ignores the back button",
)
REJECTION_COMMENTS = (
    "This device is not relevant and the bug will not be fixed.",
    "The test instructions were not followed.",
    "The behaviour/design described here is intentional.",
    "This bug is not relevant and will not be fixed.",
    "This is a legit bug but already known.",
    "With the information provided it was not possible to reproduce this bug.",
    "Your bug was rejected automatically, because you didn't respond to the request within 24 hours",
    "We talked about it and decided otherwise.",
)
"""The API's default comments of its rejection reasons, and one that a person wrote."""
