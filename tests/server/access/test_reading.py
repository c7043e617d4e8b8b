"""The access file: what it may say, and how its mistakes are told."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from server.access import AccessFileError
from server.access.reading import read_access_file

if TYPE_CHECKING:
    from pathlib import Path

    from server.access.settings import AccessSettings
    from tests.server.conftest import Run

DIGEST = hashlib.sha256(b"mc_a token").hexdigest()
TOKEN = f'[[tokens]]\nname = "a"\ntoken_sha256 = "{DIGEST}"\nscopes = ["read"]\n'
ISSUER = (
    '[[issuers]]\nissuer = "https://login.example.com/"\naudience = "x"\njwks_url = "https://login.example.com/keys"\n'
)
SECRETS = {"TOKEN": "t" * 24, "SHORT": "t" * 23, "SECRET": "s" * 32, "WEAK": "s" * 31}


def read(tmp_path: Path, text: str) -> AccessSettings:
    file = tmp_path / "access.toml"
    file.write_text(text, encoding="utf-8")
    return read_access_file(file, SECRETS)


def test_a_file_says_who_is_let_in_and_what_they_see(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        f"""
        url = "https://Metrics.example.com/"
        hosts = ["metrics.internal", "*.example.com", "other:8443"]
        origins = ["https://Dashboards.example.com"]
        [limits]
        requests_per_minute = 600
        burst = 20
        body_kilobytes = 64
        [[tokens]]
        name = "dashboards"
        token_sha256 = "{DIGEST.upper()}"
        scopes = ["read", "sql"]
        security = {{ customer_id = 7, regions = ["eu", "us"] }}
        expires = 2030-12-31
        [[tokens]]
        name = "prometheus"
        token_env = "TOKEN"
        scopes = ["operate"]
        expires = 2030-12-31T12:00:00+02:00
        [[issuers]]
        issuer = "https://login.example.com/"
        audience = ["https://metrics.example.com/mcp", "https://metrics.example.com"]
        jwks_url = "https://login.example.com/keys"
        leeway_seconds = 0
        scope_prefix = "metrics:"
        name_claim = "email"
        security = {{ region = "eu" }}
        claims = {{ customer_id = "organisation.id", team = ["https://example.com/team", "id"] }}
        [[issuers]]
        issuer = "cube"
        audience = "cube"
        secret_env = "SECRET"
        scopes = ["read"]
        """,
    )
    assert found.url == "https://Metrics.example.com"
    assert found.hosts == ("metrics.internal", "*.example.com", "other:8443")
    assert found.origins == ("https://dashboards.example.com",)
    assert (found.limits.requests_per_minute, found.limits.burst, found.limits.body_kilobytes) == (600, 20, 64)
    first, second = found.tokens
    assert (first.name, first.digest.hex(), first.scopes) == ("dashboards", DIGEST, frozenset({"read", "sql"}))
    assert first.security == {"customer_id": 7, "regions": ["eu", "us"]}
    assert first.expires == datetime(2030, 12, 31, tzinfo=UTC)
    assert second.digest == hashlib.sha256(SECRETS["TOKEN"].encode()).digest()
    assert second.expires == datetime(2030, 12, 31, 12, tzinfo=timezone(timedelta(hours=2)))
    by_keys, by_secret = found.issuers
    assert by_keys.audience == ("https://metrics.example.com/mcp", "https://metrics.example.com")
    assert by_keys.algorithms == ("RS256", "ES256", "EdDSA")
    assert (by_keys.leeway_seconds, by_keys.scope_prefix, by_keys.name_claim) == (0, "metrics:", ("email",))
    assert by_keys.claims == {"customer_id": ("organisation", "id"), "team": ("https://example.com/team", "id")}
    assert (by_keys.secret, by_keys.scopes) == (None, None)
    assert (by_secret.secret, by_secret.algorithms, by_secret.scopes) == (b"s" * 32, ("HS256",), frozenset({"read"}))


def test_keys_are_looked_for_beside_the_file(tmp_path: Path) -> None:
    found = read(
        tmp_path, ISSUER.replace("jwks_url", "jwks_file").replace("https://login.example.com/keys", "keys.json")
    )
    assert found.issuers[0].jwks_file == tmp_path / "keys.json"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tokens = [", "cannot be read"),
        ("", "nobody is let in"),
        ("token = 1", 'there is no property "token". Did you mean "tokens"?'),
        (TOKEN.replace("scopes", "scope"), 'token 1 ("a"): there is no property "scope". Did you mean "scopes"?'),
        (TOKEN.replace('name = "a"\n', ""), "token 1: name is missing"),
        (TOKEN.replace('"read"', '"raed"'), 'there is no scope "raed". Did you mean "read"?'),
        (TOKEN.replace('["read"]', "[]"), "scopes is empty"),
        (TOKEN.replace('["read"]', '"read"'), "scopes is not a list of texts"),
        (TOKEN.replace('scopes = ["read"]\n', ""), "scopes is missing"),
        (TOKEN.replace(DIGEST, DIGEST[:-1]), "is not a SHA-256"),
        (TOKEN.replace("token_sha256", "token"), 'there is no property "token"'),
        (TOKEN + 'token_env = "TOKEN"\n', "more than one of token_sha256 or token_env"),
        (TOKEN.replace(f'token_sha256 = "{DIGEST}"', ""), "nothing of token_sha256 or token_env"),
        (TOKEN.replace(f'token_sha256 = "{DIGEST}"', 'token_env = "NONE"'), "the variable NONE is not set"),
        (TOKEN.replace(f'token_sha256 = "{DIGEST}"', 'token_env = "SHORT"'), "too short for a token"),
        (TOKEN + "security = 7\n", "security is not a table"),
        (TOKEN + 'expires = "2030-12-31"\n', "expires is not a date"),
        (TOKEN + TOKEN.replace("a", "b"), "token 2"),
        (TOKEN + TOKEN, "has the name of one before it"),
        (ISSUER.replace('audience = "x"\n', ""), "audience is missing"),
        (ISSUER.replace('"x"', "[]"), "audience is not a text or a list of texts"),
        (ISSUER.replace("https://login.example.com/keys", "http://login.example.com/keys"), "is not an https URL"),
        (ISSUER.replace("https://login.example.com/keys", "file:///keys"), "is not an https URL"),
        (ISSUER.replace("https://login.example.com/keys", "https://me:secret@x/keys"), "holds a password"),
        (ISSUER + 'algorithms = ["none"]\n', "none does not go with jwks_url"),
        (ISSUER + 'algorithms = ["HS256"]\n', "HS256 does not go with jwks_url"),
        (ISSUER + 'secret_env = "SECRET"\n', "more than one of jwks_url, jwks_file or secret_env"),
        (
            ISSUER.replace(
                'jwks_url = "https://login.example.com/keys"', 'secret_env = "SECRET"\nalgorithms = ["RS256"]'
            ),
            "RS256 does not go with secret_env",
        ),
        (
            ISSUER.replace('jwks_url = "https://login.example.com/keys"', 'secret_env = "WEAK"'),
            "too short for a secret",
        ),
        (ISSUER + "leeway_seconds = -1\n", "leeway_seconds is not a number, 0 or more"),
        (ISSUER + "leeway_seconds = true\n", "leeway_seconds is not a number, 0 or more"),
        (ISSUER + 'claims = { customer_id = "a..b" }\n', "claims.customer_id: this is no path of a claim"),
        (ISSUER + "claims = { customer_id = 7 }\n", "claims.customer_id: this is no path of a claim"),
        (ISSUER + "security = { a = 1 }\nclaims = { a = 'b' }\n", "a stands in security and in claims"),
        (ISSUER + 'scopes = ["read"]\nscope_prefix = "m:"\n', "scope_prefix has no effect beside scopes"),
        (ISSUER + ISSUER, "is one that is listed before"),
        ('url = "metrics.example.com"\n' + TOKEN, "url is not an address of a server"),
        ('url = "https://metrics.example.com/mcp"\n' + TOKEN, "url is not an address of a server"),
        ('hosts = ["https://x"]\n' + TOKEN, "is no name of a host"),
        ('hosts = ["*"]\n' + TOKEN, "is no name of a host"),
        ('origins = ["*"]\n' + TOKEN, "is no origin"),
        ('origins = ["null"]\n' + TOKEN, "is no origin"),
        ('origins = ["https://x/"]\n' + TOKEN, "is no origin"),
        (TOKEN + "[limits]\nburst = 1.5\n", "limits: burst is not a whole number above 0"),
        (TOKEN + "[limits]\nrequests_per_minute = 0\n", "requests_per_minute is not a number above 0"),
        (TOKEN + "[limits]\nrequests_per_minute = inf\n", "requests_per_minute is not a number above 0"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(AccessFileError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert {issue.code for issue in caught.value.issues} == {"E_ACCESS_FILE"}
    assert str(tmp_path / "access.toml") in caught.value.issues[0].message


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(AccessFileError) as caught:
        read(tmp_path, "tokns = 1\n" + TOKEN.replace("read", "raed") + ISSUER.replace("audience", "audiences"))
    assert len(caught.value.issues) == 4


def test_values_are_never_shown_for_one_may_be_a_token(tmp_path: Path) -> None:
    secret = "mc_this-must-not-be-shown-anywhere"  # noqa: S105
    with pytest.raises(AccessFileError) as caught:
        read(tmp_path, TOKEN.replace(DIGEST, secret) + f'token = "{secret}"\nexpires = "{secret}"\n')
    assert secret not in str(caught.value)


def test_the_command_makes_a_token_and_what_the_file_needs(run: Run, tmp_path: Path) -> None:
    arguments = ("--scope", "read", "--scope", "sql", "--security", "customer_id=7", "--security", 'team=Æ "x" \\ 😀')
    made = run("token", "it's “mine”", *arguments)
    assert made.exit_code == 0
    token = made.stderr.split()[-1]
    assert token not in made.stdout
    found = read(tmp_path, made.stdout).tokens[0]
    assert found.digest == hashlib.sha256(token.encode()).digest()
    assert (found.name, found.scopes) == ("it's “mine”", frozenset({"read", "sql"}))
    assert found.security == {"customer_id": 7, "team": 'Æ "x" \\ 😀'}
    assert tomllib.loads(run("token", "a").stdout)["tokens"][0]["scopes"] == ["read"]


@pytest.mark.parametrize("pair", ["customer_id", "customer_id=null", 'customer_id={"a": 1}'])
def test_the_command_refuses_values_that_no_policy_reads(run: Run, pair: str) -> None:
    assert run("token", "a", "--security", pair).exit_code == 2
