"""Who signs in is allauth's matter; what they may do comes from the rules alone."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend


class SignInBackend(AuthenticationBackend):
    """allauth's, without Django's tables of permissions, which nobody fills: asking them costs two queries."""

    def has_perm(self, *_args: Any, **_kwargs: Any) -> bool:
        return False

    def has_module_perms(self, *_args: Any, **_kwargs: Any) -> bool:
        return False
