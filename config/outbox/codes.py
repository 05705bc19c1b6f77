"""Enhanced status codes of mail servers' replies (RFC 3463)."""

import re

_CODE = re.compile(r"(?:^|\b\d{3}[ -])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")


def enhanced_code(reply: str) -> str:
    """Return the enhanced status code of a reply such as "550 5.1.1 No such mailbox", or an empty string."""
    found = _CODE.search(reply)
    return found[1] if found else ""


def is_bad_address(code: str) -> bool:
    """Whether an enhanced code says that the recipient's address cannot get mail.

    5.1.x speaks of addresses, but 5.1.7 and 5.1.8 of the sender's; 5.2.1 is a mailbox that takes nothing any more.
    """
    return code == "5.2.1" or (code.startswith("5.1.") and code not in {"5.1.7", "5.1.8"})
