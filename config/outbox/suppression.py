"""Addresses that want no mail of a scope, or cannot get any. Kept as keyed hashes only."""

from collections.abc import Iterable

from django.utils.crypto import salted_hmac

from config.outbox.models import Suppression


def hash_address(address: str) -> str:
    """Return the keyed hash of an address, the same however its case and spaces are typed."""
    return salted_hmac("config.outbox.suppression", address.strip().casefold(), algorithm="sha256").hexdigest()


def suppress(*, address: str, scope: Suppression.Scope, reason: str, evidence: str = "") -> None:
    """Send nothing of `scope` to `address` from now on; a second time changes nothing."""
    Suppression.objects.get_or_create(
        address_hash=hash_address(address), scope=scope, defaults={"reason": reason, "evidence": evidence}
    )


def lift_suppression(*, address: str, scope: Suppression.Scope) -> None:
    """Send to `address` again."""
    Suppression.objects.filter(address_hash=hash_address(address), scope=scope).delete()


def suppressed_scopes(addresses: Iterable[str]) -> dict[str, set[str]]:
    """Return the scopes each of `addresses` is suppressed for, in one query; addresses with none are left out."""
    hashes = {address: hash_address(address) for address in addresses}  # one hash for every way to type an address
    by_hash: dict[str, set[str]] = {}
    rows = Suppression.objects.filter(address_hash__in=set(hashes.values())).values_list("address_hash", "scope")
    for digest, scope in rows:
        by_hash.setdefault(digest, set()).add(scope)
    return {address: by_hash[digest] for address, digest in hashes.items() if digest in by_hash}


def is_suppressed(kind_scope: str, scopes: set[str]) -> bool:
    """Whether a kind of mail with `kind_scope` is stopped by `scopes`: what an account needs never is."""
    if kind_scope == "account":
        return False
    return "all" in scopes or kind_scope in scopes
