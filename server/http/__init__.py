"""The HTTP door: our own API, Cube's REST API, and the pages that describe them."""
