"""Secrets that have to be read again, such as the keys of second factors: sealed, so that a copy of the database opens
nothing.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings


def seal(text: str) -> str:
    """Encrypt `text` with a key made of SECRET_KEY."""
    return _keys().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Return what was sealed, also with a key of SECRET_KEY_FALLBACKS.

    Raises:
        cryptography.fernet.InvalidToken: it was sealed with another key, or changed.
    """
    return _keys().decrypt(sealed.encode()).decode()


def _keys() -> MultiFernet:
    found = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    digests = [hashlib.sha256(f"members.accounts.secrets:{key}".encode()).digest() for key in found]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(one)) for one in digests])
