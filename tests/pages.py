"""Reading an answer."""

import re


def without_tokens(answer):
    """Return the HTML of an answer without the random tokens of its forms, which may hold any few letters."""
    return re.sub(r'value="\w{64}"', "", answer.content.decode())
