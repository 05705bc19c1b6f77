"""Reading an answer."""

import html
import re


def read(answer):
    """Return a page as its reader sees it: entities resolved, white space and tags collapsed."""
    text = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(html.unescape(text).split())


def without_tokens(answer):
    """Return the HTML of an answer without the random tokens of its forms, which may hold any few letters."""
    return re.sub(r'value="\w{64}"', "", answer.content.decode())
