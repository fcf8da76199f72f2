"""Codes and keys: made here, kept as digests or encrypted, never in clear."""

import base64
import secrets
import unicodedata

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.crypto import salted_hmac

CODE_DIGITS = 12  # 40 bits: with the tries that `throttle` allows, 30 days reach a ten-millionth of them
RECOVERY_DIGITS = 16


def new_code(digits: int = CODE_DIGITS) -> str:
    """Digits only: a phone shows its number pad, and no input method gets in the way."""
    return f"{secrets.randbelow(10**digits):0{digits}}"


def new_token() -> str:
    """For a link in a message: nobody types it."""
    return secrets.token_urlsafe(32)


def grouped(code: str) -> str:
    """1234 5678 9012, as codes are shown and read out."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def tidy_code(text: str) -> str:
    """What was typed, with full-width digits, spaces and dashes, as it was issued."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text) if letter.isdecimal())


def digest(purpose: str, *parts: object) -> str:
    """Keyed: a copy of the database alone does not show which codes would fit."""
    return salted_hmac(f"accounts.{purpose}", ":".join(map(str, parts)), algorithm="sha256").hexdigest()


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def decrypt(text: str) -> str | None:
    """None when it was encrypted under a key that is not known any more."""
    try:
        return _fernet().decrypt(text.encode()).decode()
    except InvalidToken:
        return None


def _fernet() -> MultiFernet:
    keys = [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"accounts.second-factor")
    return base64.urlsafe_b64encode(kdf.derive(key.encode()))
