"""Single sign-on against a real provider: the round trip, and every token that is not quite ours refused."""

import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from foundation.accounts import single_sign_on
from foundation.accounts.models import SecondFactor, User
from foundation.ledger.models import AuditEntry, Event
from tests.factories import make_user
from tests.support.oidc import OidcProvider

BACK = "http://testserver/sso/oidc/back/"
OURS, OTHERS = "prep-platform", "another-platform"
PEOPLE = {
    "sub-jin": {"name": "金老师", "preferred_username": "１３９ 0431 0001"},
    "sub-cui": {"name": "崔老师", "preferred_username": "13904310002"},
    "sub-none": {"name": "无名"},
}


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwks_of(key: rsa.RSAPrivateKey) -> dict[str, Any]:
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key))
    return {"keys": [{**jwk, "kid": "test", "use": "sig", "alg": "RS256"}]}


def client(name: str) -> dict[str, Any]:
    return {"client_id": name, "client_secret": f"secret-of-{name}", "redirect_uris": [BACK]}


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    """The provider's own signing key, so that tests can sign in its name."""
    return new_key()


@pytest.fixture(scope="module")
def provider(key) -> Iterator[OidcProvider]:
    provider = OidcProvider(jwks=jwks_of(key), clients=[client(OURS), client(OTHERS)], people=PEOPLE)
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
def on(settings, provider) -> OidcProvider:
    """Single sign-on with that provider, matched by the username that it tells."""
    settings.OIDC_ISSUER, settings.OIDC_NAME = provider.issuer, "省教育通"
    settings.OIDC_MATCH_CLAIM = "preferred_username"
    app: dict[str, Any] = {
        "provider_id": "oidc",
        "name": "省教育通",
        "client_id": OURS,
        "secret": f"secret-of-{OURS}",
    }
    app["settings"] = {
        "server_url": provider.issuer,
        "scope": ["openid", "profile"],
        "oauth_pkce_enabled": True,
    }
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    return provider


@pytest.fixture
def jin(db) -> User:
    return make_user("13904310001", name="金老师", password="a-password-for-tests-17")


def leave(browser: Client, path: str = "/sso/", **fields: str) -> str:
    response = browser.post(path, fields)
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def come_back(browser: Client, address: str):
    return browser.get(address.removeprefix("http://testserver"))


def round_trip(browser: Client, provider: OidcProvider, person: str = "sub-jin", **fields: str):
    return come_back(browser, provider.sign_in(leave(browser, **fields), person, BACK))


def is_signed_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def said(browser: Client) -> str:
    return browser.get("/login/").content.decode()


# ---- the round trip --------------------------------------------------------------------------------


def test_signed_in_there_is_signed_in_here(on, jin):
    browser = Client()
    assert "用省教育通登录" in said(browser)

    response = round_trip(browser, on, next="/notices/")

    assert response["Location"] == "/notices/"
    assert browser.session["_auth_user_id"] == str(jin.pk)
    assert browser.get("/notices/").status_code == 200
    assert Event.objects.get().kind == "account.signed_in"
    assert [entry.act for entry in AuditEntry.objects.all()] == ["person.linked"]


def test_nothing_that_the_provider_tells_is_kept(on, jin):
    round_trip(Client(), on)

    account = SocialAccount.objects.get()
    assert (account.user, account.uid, account.extra_data) == (jin, "sub-jin", {})


def test_once_linked_the_claim_no_longer_matters(on, jin):
    round_trip(Client(), on)
    User.objects.update(username="another-name")
    again = Client()

    round_trip(again, on)

    assert is_signed_in(again)
    assert SocialAccount.objects.count() == 1


def test_the_second_factor_is_asked_for_as_well(on, jin):
    SecondFactor.objects.create(person=jin, secret="x")
    browser = Client()

    response = round_trip(browser, on, next="/notices/")

    assert response["Location"] == "/login/code/"
    assert not is_signed_in(browser)
    assert browser.session["next"] == "/notices/"


def test_a_session_key_of_before_does_not_survive(on, jin):
    browser = Client()
    address = on.sign_in(leave(browser), "sub-jin", BACK)
    before = browser.session.session_key

    come_back(browser, address)

    assert browser.session.session_key != before


# ---- who gets in -----------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["sub-cui", "sub-none"])
def test_nobody_is_made_in_silence(on, jin, person):
    browser = Client()

    round_trip(browser, on, person)

    assert not is_signed_in(browser)
    assert "没有对应这里的帐号" in said(browser)
    assert User.objects.count() == 1
    assert not SocialAccount.objects.exists()


def test_unless_the_settings_say_so(on, jin, settings):
    settings.OIDC_CREATE = True
    browser = Client()

    round_trip(browser, on, "sub-cui")

    made = User.objects.get(username="13904310002")
    assert browser.session["_auth_user_id"] == str(made.pk)
    assert (made.name, made.has_usable_password(), made.is_activated) == ("崔老师", False, True)
    assert not made.memberships.exists()
    assert {entry.act for entry in AuditEntry.objects.all()} == {"person.created", "person.linked"}


def test_without_a_claim_to_match_only_linked_accounts_get_in(on, jin, settings):
    settings.OIDC_MATCH_CLAIM, settings.OIDC_CREATE = "", True
    browser = Client()
    round_trip(browser, on)
    assert not is_signed_in(browser)

    SocialAccount.objects.create(provider="oidc", uid="sub-jin", user=jin)
    round_trip(browser, on)
    assert is_signed_in(browser)


def test_a_closed_account_stays_closed(on, jin):
    User.objects.update(is_active=False)
    browser = Client()

    round_trip(browser, on)

    assert not is_signed_in(browser)
    assert "已经停用" in said(browser)


def test_an_account_that_is_linked_already_is_not_taken_by_a_namesake(on, jin):
    SocialAccount.objects.create(provider="oidc", uid="sub-before", user=jin)
    browser = Client()

    round_trip(browser, on)

    assert not is_signed_in(browser)
    assert SocialAccount.objects.get().uid == "sub-before"


# ---- linking ---------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(jin) -> Client:
    browser = Client()
    browser.force_login(jin)
    return browser


def test_linking_ones_own_account(on, jin, signed_in, settings):
    settings.OIDC_MATCH_CLAIM = ""

    response = come_back(
        signed_in, on.sign_in(leave(signed_in, "/account/single-sign-on/link/"), "sub-none", BACK)
    )

    assert response["Location"] == "/account/"
    assert SocialAccount.objects.get().user == jin
    assert "已关联" in signed_in.get("/account/").content.decode()


def test_linking_needs_a_signed_in_person(on, db):
    assert Client().post("/account/single-sign-on/link/")["Location"].startswith("/login/")


def test_who_has_signed_out_meanwhile_links_nothing(on, jin, signed_in, settings):
    settings.OIDC_MATCH_CLAIM = ""
    address = on.sign_in(leave(signed_in, "/account/single-sign-on/link/"), "sub-none", BACK)
    signed_in.post("/logout/")

    come_back(signed_in, address)

    assert not SocialAccount.objects.exists()
    assert not is_signed_in(signed_in)


def test_an_identity_is_linked_to_one_person_only(on, jin, signed_in):
    other = make_user()
    SocialAccount.objects.create(provider="oidc", uid="sub-none", user=other)

    come_back(signed_in, on.sign_in(leave(signed_in, "/account/single-sign-on/link/"), "sub-none", BACK))

    assert SocialAccount.objects.get().user == other
    assert "已经关联了另一个人" in signed_in.get("/account/").content.decode()


def test_unlinking_needs_another_way_in(on, jin, signed_in):
    SocialAccount.objects.create(provider="oidc", uid="sub-jin", user=jin)
    jin.set_unusable_password()
    jin.save()
    signed_in.force_login(jin)
    signed_in.post("/account/single-sign-on/unlink/")
    assert SocialAccount.objects.exists()

    jin.set_password("a-password-for-tests-17")
    jin.save()
    signed_in.force_login(jin)
    signed_in.post("/account/single-sign-on/unlink/")
    assert not SocialAccount.objects.exists()


# ---- what is refused -------------------------------------------------------------------------------


def test_an_answer_is_taken_once(on, jin):
    browser = Client()
    address = on.sign_in(leave(browser), "sub-jin", BACK)
    come_back(browser, address)
    browser.post("/logout/")

    come_back(browser, address)

    assert not is_signed_in(browser)
    assert "没有成功" in said(browser)


def test_an_answer_belongs_to_the_browser_that_asked(on, jin):
    address = on.sign_in(leave(Client()), "sub-jin", BACK)
    stranger = Client()
    leave(stranger)

    come_back(stranger, address)

    assert not is_signed_in(stranger)


def test_a_code_is_taken_once_by_the_provider(on, jin):
    """The same code with a fresh state: what someone who watched the address could try."""
    first = Client()
    address = on.sign_in(leave(first), "sub-jin", BACK)
    come_back(first, address)
    code = parse_qs(urlsplit(address).query)["code"][0]
    second = Client()
    state = parse_qs(urlsplit(leave(second)).query)["state"][0]

    come_back(second, f"{BACK}?code={code}&state={state}")

    assert not is_signed_in(second)


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=server_error", "?error=access_denied"]
)
def test_a_made_up_answer_is_none(on, jin, query):
    browser = Client()
    leave(browser)

    assert come_back(browser, BACK + query)["Location"] == "/login/"
    assert not is_signed_in(browser)


def test_who_declines_there_is_not_told_of_a_failure(on, jin):
    browser = Client()
    state = parse_qs(urlsplit(leave(browser)).query)["state"][0]

    come_back(browser, f"{BACK}?error=access_denied&state={state}")

    assert "没有用省教育通登录" in said(browser)


def test_the_request_carries_state_nonce_and_pkce(on, jin):
    query = parse_qs(urlsplit(leave(Client())).query)

    assert query["code_challenge_method"] == ["S256"]
    assert query["nonce"] == [single_sign_on.nonce_of(query["state"][0])]
    assert query["redirect_uri"] == [BACK]


FOREIGN_KEY = new_key()


def signed(key: Any, claims: dict[str, Any], algorithm: str = "RS256", kid: str = "test") -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def hmac_signed(secret: bytes, claims: dict[str, Any]) -> str:
    """With the provider's public key as the secret of an HMAC: pyjwt itself would not make such a token."""
    import base64
    import hashlib
    import hmac

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    body = f"{part({'alg': 'HS256', 'kid': 'test'})}.{part(claims)}"
    mark = hmac.new(secret, body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"


def hour(change: int = 0) -> int:
    return int(time.time()) + 3600 * change


FORGERIES = {
    "as it is": lambda key, token, claims: signed(key, claims),
    "wrong audience": lambda key, token, claims: signed(key, claims | {"aud": OTHERS}),
    "two audiences, issued to the other": lambda key, token, claims: signed(
        key, claims | {"aud": [OURS, OTHERS], "azp": OTHERS}
    ),
    "wrong issuer": lambda key, token, claims: signed(key, claims | {"iss": "https://evil.example"}),
    "expired": lambda key, token, claims: signed(key, claims | {"exp": hour(-1), "iat": hour(-2)}),
    "issued in the future": lambda key, token, claims: signed(key, claims | {"iat": hour(1), "exp": hour(2)}),
    "never expires": lambda key, token, claims: signed(key, {k: v for k, v in claims.items() if k != "exp"}),
    "wrong nonce": lambda key, token, claims: signed(key, claims | {"nonce": "x"}),
    "no nonce": lambda key, token, claims: signed(key, {k: v for k, v in claims.items() if k != "nonce"}),
    "no subject": lambda key, token, claims: signed(key, {k: v for k, v in claims.items() if k != "sub"}),
    "another subject than userinfo": lambda key, token, claims: signed(key, claims | {"sub": "sub-cui"}),
    "foreign key": lambda key, token, claims: signed(FOREIGN_KEY, claims),
    "foreign key, unknown id": lambda key, token, claims: signed(FOREIGN_KEY, claims, kid="other"),
    "public key as a secret": lambda key, token, claims: hmac_signed(public_pem(key), claims),
    "not signed": lambda key, token, claims: jwt.encode(
        claims, None, algorithm="none", headers={"kid": "test"}
    ),
    "altered": lambda key, token, claims: ".".join([token.split(".")[0], "e30", token.split(".")[2]]),
    "garbage": lambda key, token, claims: "garbage",
    "none": lambda key, token, claims: "",
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_token_that_is_not_quite_ours_is_refused(on, jin, key, monkeypatch, forgery):
    """The real answer of the provider, with another ID token in it. The first is a proof that forging works."""
    real = OAuth2Client.get_access_token

    def forged(self, *args, **kwargs):
        answer = real(self, *args, **kwargs)
        claims = jwt.decode(answer["id_token"], options={"verify_signature": False})
        return answer | {"id_token": FORGERIES[forgery](key, answer["id_token"], claims)}

    monkeypatch.setattr(OAuth2Client, "get_access_token", forged)
    browser = Client()

    round_trip(browser, on)

    if forgery == "as it is":
        assert is_signed_in(browser)
        return
    assert not is_signed_in(browser)
    assert "没有成功" in said(browser)
    assert not SocialAccount.objects.exists()


def test_a_real_token_of_another_attempt_is_refused(on, jin, monkeypatch):
    """Signed, for us, fresh, and of the right person: but of the attempt before."""
    real, kept = OAuth2Client.get_access_token, []

    def replayed(self, *args, **kwargs):
        answer = real(self, *args, **kwargs)
        kept.append(answer["id_token"])
        return answer | {"id_token": kept[0]}

    monkeypatch.setattr(OAuth2Client, "get_access_token", replayed)
    first, second = Client(), Client()
    round_trip(first, on)
    round_trip(second, on)

    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_a_provider_that_calls_itself_otherwise_is_refused(on, jin, settings):
    browser = Client()
    address = on.sign_in(leave(browser), "sub-jin", BACK)
    settings.OIDC_ISSUER = "https://login.example"

    come_back(browser, address)

    assert not is_signed_in(browser)


def test_a_provider_that_does_not_answer_is_said_so(on, jin, settings):
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = app["settings"] | {"server_url": "http://127.0.0.1:9"}
    browser = Client()

    assert browser.post("/sso/")["Location"] == "/login/"
    assert "没有成功" in said(browser)


# ---- off -------------------------------------------------------------------------------------------


def test_without_settings_there_is_no_single_sign_on(db, jin, signed_in):
    assert "统一身份认证" not in said(Client())
    assert Client().post("/sso/").status_code == 404
    assert Client().get("/sso/oidc/back/?code=x&state=x").status_code == 404
    assert signed_in.post("/account/single-sign-on/link/").status_code == 404
    assert "统一身份认证" not in signed_in.get("/account/").content.decode()


def test_the_page_may_lead_to_the_provider_and_nowhere_else(on, db, settings):
    policy = Client().get("/login/")["Content-Security-Policy"]
    assert f"form-action 'self' {on.issuer};" in policy

    settings.OIDC_ISSUER = ""
    assert "form-action 'self';" in Client().get("/login/")["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/sso/", "/account/single-sign-on/link/"])
def test_a_link_on_another_site_starts_nothing(on, signed_in, path):
    assert signed_in.get(path).status_code == 405
