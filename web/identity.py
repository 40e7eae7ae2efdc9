"""The identity provider of a site: authorization code flow with PKCE, as OpenID Connect Core 1.0 and RFC 7636 say.

What the provider publishes of itself is read over https alone (plain http for this machine) and kept for an hour.
An id token counts when it is signed by one of the provider's own keys, is for us, is fresh, and answers our question.
"""

import base64
import hashlib
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from domain.errors import RefusedError
from services.oidc import OnTheWay

BACK = "/sign-in/oidc/back"
"""Where the provider sends browsers back to; it is told to the provider beforehand."""
TIMEOUT = 10.0
KEPT_FOR = 3600.0
LEEWAY = 60
"""Seconds by which two clocks may differ."""
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""All by a key pair: with a shared secret whoever can check a token could make one."""
LOOPBACK = frozenset({"127.0.0.1", "::1"})
Json = dict[str, Any]
_log = logging.getLogger(__name__)


class NoAnswerError(Exception):
    """The provider did not answer, or not as a provider does."""


@dataclass(frozen=True)
class Relying:
    """We as the provider knows us. `claim` holds the login; `back` is the address it sends browsers back to."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    claim: str
    back: str


class IdentityProvider:
    """One provider, asked as one of its relying parties."""

    def __init__(self, we: Relying) -> None:
        self._we = we
        self._kept: dict[str, tuple[float, Json]] = {}

    @property
    def issuer(self) -> str:
        """What it calls itself."""
        return self._we.issuer

    def address_for(self, way: OnTheWay) -> str:
        """Where the browser is sent. Raises RefusedError where the provider cannot be asked."""
        digest = hashlib.sha256(way.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._we.client_id,
            "redirect_uri": self._we.back,
            "scope": "openid profile",
            "state": way.state,
            "nonce": way.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        try:
            endpoint = self._endpoint("authorization_endpoint")
        except NoAnswerError as fault:
            _log.warning("the identity provider cannot be asked: %s", fault)
            raise RefusedError(
                "The identity provider cannot be asked now: try again later, or sign in with a password."
            ) from fault
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def login_of(self, code: str, way: OnTheWay) -> str:
        """Whose code it is: the claim that holds the login. Raises RefusedError, always with the same sentence."""
        try:
            return self._login(self._claims(self._exchange(code, way), way.nonce))
        except (NoAnswerError, JoseError, ValueError) as fault:
            _log.warning("a sign-in through the identity provider was refused: %s", fault)
            raise RefusedError("The sign-in through the identity provider did not succeed.") from fault

    def _login(self, claims: Mapping[str, Any]) -> str:
        login = claims.get(self._we.claim)
        if not isinstance(login, str) or not login:
            raise NoAnswerError(f"the id token has no claim {self._we.claim}")
        return login

    def _exchange(self, code: str, way: OnTheWay) -> str:
        """The id token for the code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._we.back}
        form |= {"code_verifier": way.verifier}
        secret = self._we.client_secret
        known = self._about().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        named = {"auth": (quote_plus(self._we.client_id), quote_plus(secret))}
        if not secret or "client_secret_basic" not in known:
            form |= {"client_id": self._we.client_id} | ({"client_secret": secret} if secret else {})
            named = {}
        answer = _asked("POST", self._endpoint("token_endpoint"), data=form, **named)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NoAnswerError("the token endpoint gave no id token")
        return token

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """The claims of an id token that holds. A key that is not known may be a new one: the keys are read again, once."""
        try:
            claims = jwt.decode(token, self._keys(), algorithms=ALGORITHMS).claims
        except InvalidKeyIdError:
            self._kept.pop(self._endpoint("jwks_uri"), None)
            claims = jwt.decode(token, self._keys(), algorithms=ALGORITHMS).claims
        we = self._we.client_id
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self._we.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": we},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(claims)
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else we) != we:
            raise NoAnswerError("the id token was asked for by another party")
        return claims

    def _keys(self) -> KeySet:
        """The provider's keys for signatures, of the kinds we know."""
        keys = self._published(self._endpoint("jwks_uri")).get("keys")
        if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
            raise NoAnswerError("the provider publishes no keys")
        known = [
            key for key in keys if key.get("kty") in ("RSA", "EC", "OKP") and key.get("use", "sig") == "sig"
        ]
        return KeySet.import_key_set({"keys": known})

    def _about(self) -> Json:
        """What the provider says of itself (OpenID Connect Discovery 1.0); of another issuer it is not believed."""
        about = self._published(f"{self._we.issuer.rstrip('/')}/.well-known/openid-configuration")
        if about.get("issuer") != self._we.issuer:
            raise NoAnswerError(f"it calls itself {about.get('issuer')}, not {self._we.issuer}")
        return about

    def _endpoint(self, name: str) -> str:
        address = self._about().get(name)
        if not isinstance(address, str) or not is_safe(address):
            raise NoAnswerError(f"its {name} is no https address")
        return address

    def _published(self, address: str) -> Json:
        until, found = self._kept.get(address, (0.0, {}))
        if time.monotonic() >= until:
            found = _asked("GET", address)
            self._kept[address] = (time.monotonic() + KEPT_FOR, found)
        return found


def is_safe(address: str) -> bool:
    """Whether nobody on the way can change what comes from there: https, or this machine."""
    parts = urlsplit(address)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    )


def _asked(method: str, address: str, **more: Any) -> Json:
    """The JSON object that comes back with a 200. Redirects are not followed."""
    try:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=False) as client:
            answer = client.request(method, address, headers={"Accept": "application/json"}, **more)
        found = answer.json() if answer.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as fault:
        raise NoAnswerError(f"{address}: {type(fault).__name__}") from fault
    if not isinstance(found, dict):
        raise NoAnswerError(f"{address} answered {answer.status_code} and no JSON object")
    return found
