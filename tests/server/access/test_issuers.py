"""JSON Web Tokens as an attacker sends them, and as clients do."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from server.access import Unauthenticated
from server.access.issuers import Issuers
from tests.server.access.signing import AUDIENCE, ISSUER, claims, entry, key_set, private_key, public_jwk, signed

if TYPE_CHECKING:
    from pathlib import Path

    from server.service import Caller

pytestmark = pytest.mark.anyio

SECRET = b"a secret of thirty-two bytes or more"


async def keys(_url: str) -> bytes:
    return key_set(public_jwk("RS256"), public_jwk("ES256", "two"), public_jwk("EdDSA", "three"))


async def find(token: str, **more: Any) -> Caller | None:
    return await Issuers([entry(**more)], keys).find(token)


async def refusal(token: str, **more: Any) -> str:
    with pytest.raises(Unauthenticated) as caught:
        await find(token, **more)
    assert caught.value.error == "invalid_token"
    return caught.value.issues[0].message


@pytest.mark.parametrize(("algorithm", "name"), [("RS256", "one"), ("ES256", "two"), ("EdDSA", "three")])
async def test_a_token_that_its_issuer_signed_names_the_caller(algorithm: str, name: str) -> None:
    found = await find(
        signed(claims(scope="openid read sql", org={"id": 7}), algorithm, name),
        claims={"customer_id": ("org", "id")},
        security={"region": "eu"},
    )
    assert found is not None
    assert found.name == "ada@login.example.com"
    assert found.scopes == {"read", "sql"}
    assert found.security == {"customer_id": 7, "region": "eu"}


async def test_a_token_may_be_for_several_audiences() -> None:
    assert await find(signed(claims(aud=["https://other.example", AUDIENCE])))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"aud": "https://other.example"}, "made for something else"),
        ({"aud": AUDIENCE + "/"}, "made for something else"),
        ({"aud": None}, "does not say"),
        ({"exp": None}, "does not say"),
        ({"exp": int(time.time()) - 31}, "expired"),
        ({"nbf": int(time.time()) + 3600}, "not valid yet"),
        ({"iat": int(time.time()) + 3600}, "not valid yet"),
        ({"exp": "soon"}, "no valid token"),
        ({"exp": float("inf")}, "no valid token"),
        ({"exp": float("nan")}, "no valid token"),
        ({"sub": None}, 'no claim "sub"'),
        ({"sub": ""}, 'no claim "sub"'),
        ({"sub": {"name": "ada"}}, "no valid token"),
        ({"iss": "https://evil.example/"}, "issuer that this server does not know"),
        ({"iss": None}, "issuer that this server does not know"),
    ],
)
async def test_a_token_with_wrong_claims_is_refused(changed: dict[str, Any], said: str) -> None:
    assert said in await refusal(signed(claims(**changed)))


async def test_an_issuer_that_is_no_text_is_nobody() -> None:
    head, _, signature = signed(claims()).split(".")
    assert "issuer that this server does not know" in await refusal(f"{head}.{_part(claims(iss=[ISSUER]))}.{signature}")


async def test_a_clock_that_is_a_little_wrong_does_no_harm() -> None:
    assert await find(signed(claims(exp=int(time.time()) - 10)))


@pytest.mark.parametrize("value", [None, "", [], {}, {"id": 7}, [None], [{"id": 7}]])
async def test_a_missing_security_claim_opens_nothing(value: Any) -> None:
    token = signed(claims(customer=value))
    assert 'no claim "customer"' in await refusal(token, claims={"customer_id": ("customer",)})


async def test_a_token_without_scopes_may_do_nothing() -> None:
    found = await find(signed(claims(scope=None)))
    assert found is not None
    assert found.scopes == frozenset()


async def test_scopes_of_others_are_not_ours() -> None:
    found = await find(
        signed(claims(scope="read xmetrics:sql metrics:", scp=["metrics:operate", 7])), scope_prefix="metrics:"
    )
    assert found is not None
    assert found.scopes == {"operate"}


async def test_a_token_without_a_signature_is_refused() -> None:
    unsigned = jwt.encode(claims(), "", "none")
    assert "does not accept" in await refusal(unsigned)
    for spelt in ("None", "NONE", "nOnE", ""):
        assert await refusal(_header(unsigned, {"alg": spelt}))


async def test_a_public_key_is_no_secret() -> None:
    """The attack that takes the issuer's public key, which everybody has, for the secret of HS256."""
    public = private_key("RS256").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forged = _signed_by_hand(claims(), public)
    assert "does not accept" in await refusal(forged)
    assert "does not accept" in await refusal(forged, algorithms=("RS256", "PS256"))


async def test_a_secret_in_a_public_set_is_not_used() -> None:
    async def with_secret(_url: str) -> bytes:
        secret = {"kty": "oct", "kid": "shared", "k": base64.urlsafe_b64encode(SECRET).decode().rstrip("=")}
        return key_set(secret, public_jwk("RS256"))

    forged = jwt.encode(claims(), SECRET, "HS256", headers={"kid": "shared"})
    with pytest.raises(Unauthenticated):
        await Issuers([entry()], with_secret).find(forged)


async def test_a_key_that_a_token_brings_along_is_not_used() -> None:
    own = public_jwk("RS256", "own")
    token = jwt.encode(claims(), private_key("RS256", "own"), "RS256", headers={"kid": "own", "jwk": own})
    assert "does not have" in await refusal(token)
    token = signed(claims(), "RS256", "own", kid="one", jku="https://evil.example/keys", x5u="https://evil.example")
    assert "signature" in await refusal(token)


async def test_an_algorithm_that_is_not_allowed_is_refused_though_the_key_would_do() -> None:
    assert "does not accept" in await refusal(signed(claims(), "RS512"))
    assert "does not have" in await refusal(signed(claims(), "ES256", "two", kid="one"))


async def test_changed_claims_are_noticed() -> None:
    head, _, signature = signed(claims()).split(".")
    forged = _part({**claims(), "sub": "root"})
    assert "signature" in await refusal(f"{head}.{forged}.{signature}")
    assert "signature" in await refusal(f"{head}.{forged}.")


async def test_a_key_for_encryption_checks_no_signature() -> None:
    async def for_encryption(_url: str) -> bytes:
        return key_set(public_jwk("RS256", use="enc"), public_jwk("ES256", "two"))

    with pytest.raises(Unauthenticated, match="does not have"):
        await Issuers([entry()], for_encryption).find(signed(claims()))


async def test_a_token_that_names_no_key_needs_only_one_to_be_meant() -> None:
    token = jwt.encode(claims(), private_key("RS256"), "RS256")
    assert await find(token)

    async def two(_url: str) -> bytes:
        return key_set(public_jwk("RS256"), public_jwk("RS256", "other"))

    with pytest.raises(Unauthenticated, match="does not have"):
        await Issuers([entry()], two).find(token)


async def test_a_shared_secret_signs_as_cube_has_it() -> None:
    allowed = {"secret": SECRET, "algorithms": ("HS256",), "claims": {"customer_id": ("customer_id",)}}
    found = await find(jwt.encode(claims(customer_id=7), SECRET, "HS256"), **allowed)
    assert found is not None
    assert found.security == {"customer_id": 7}
    assert "signature" in await refusal(jwt.encode(claims(), SECRET + b"!", "HS256"), **allowed)
    assert "does not accept" in await refusal(signed(claims()), **allowed)


async def test_keys_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_bytes(key_set(public_jwk("RS256")))
    assert await find(signed(claims()), jwks_file=tmp_path / "keys.json")


@pytest.mark.parametrize(
    "token",
    [
        "..",
        "a.b.c",
        "e30.e30.",
        f"{base64.urlsafe_b64encode(b'[' * 6000).decode()}.e30.x",
        f"e30.{base64.urlsafe_b64encode(b'[' * 6000).decode()}.x",
        f"{base64.urlsafe_b64encode(b'[1]').decode()}.e30.x",
        f"{base64.urlsafe_b64encode(b'{}').decode()}.{base64.urlsafe_b64encode(b'null').decode()}.x",
    ],
)
async def test_nonsense_in_the_form_of_a_token_is_refused(token: str) -> None:
    await refusal(token)


async def test_an_extension_that_must_be_understood_is_not_passed_over() -> None:
    assert await refusal(signed(claims(), crit=["exp2"], exp2=1))


async def test_what_is_no_such_token_is_left_to_others() -> None:
    assert await find("mc_abc") is None


def _part(data: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def _header(token: str, header: dict[str, Any]) -> str:
    return ".".join([_part({"typ": "JWT", **header}), *token.split(".")[1:]])


def _signed_by_hand(claimed: dict[str, Any], key: bytes) -> str:
    """PyJWT refuses to sign with a public key; an attacker does not."""
    import hashlib
    import hmac

    signing = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'one'})}.{_part(claimed)}"
    signature = hmac.digest(key, signing.encode(), hashlib.sha256)
    return f"{signing}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
