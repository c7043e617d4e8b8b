"""Keys and tokens of issuers that exist only in tests."""

from __future__ import annotations

import json
import time
from functools import cache
from typing import TYPE_CHECKING, Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

from server.access.settings import IssuerEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

ISSUER = "https://login.example.com/"
AUDIENCE = "https://metrics.example.com/mcp"


def private_key(algorithm: str, name: str = "one") -> Any:
    """A private key for an algorithm; another for each name."""
    return _made(algorithm, name)


@cache
def _made(algorithm: str, _name: str) -> Any:
    if algorithm.startswith("ES"):
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm != "RS256":
        return _made("RS256", _name)
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_jwk(algorithm: str, name: str = "one", **more: Any) -> dict[str, Any]:
    """The public part of a key as an issuer shows it."""
    shown: Any = get_default_algorithms()[algorithm]
    found: dict[str, Any] = shown.to_jwk(private_key(algorithm, name).public_key(), as_dict=True)
    return {**found, "kid": name, "use": "sig", **more}


def key_set(*keys: Mapping[str, Any]) -> bytes:
    """A set of keys as it stands at an address."""
    return json.dumps({"keys": list(keys)}).encode()


def claims(**more: Any) -> dict[str, Any]:
    """What a good token says; None takes a claim away."""
    now = int(time.time())
    found = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 300, "scope": "read"}
    return {name: value for name, value in {**found, **more}.items() if value is not None}


def signed(claimed: Mapping[str, Any], algorithm: str = "RS256", name: str = "one", **header: Any) -> str:
    """A token, signed with the key of that name."""
    return jwt.encode(dict(claimed), private_key(algorithm, name), algorithm, headers={"kid": name, **header})


def entry(**more: Any) -> IssuerEntry:
    """The entry of the issuer."""
    usual: dict[str, Any] = {"jwks_url": "https://login.example.com/keys"}
    if "secret" in more or "jwks_file" in more:
        usual = {}
    given = {"algorithms": ("RS256", "ES256", "EdDSA"), "name_claim": ("sub",), **usual, **more}
    return IssuerEntry(ISSUER, (AUDIENCE,), **given)
