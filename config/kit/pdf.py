"""PDF by Typst. What people wrote reaches a template as JSON and is only ever a string there, never Typst code.

The PDF follows PDF/UA-1 (ISO 14289-1), the standard for readers who listen, as long as there is a glyph for every
character; `FONT_DIR` adds fonts.
"""

import json
import logging
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

logger = logging.getLogger(__name__)
# Families that show one character as the readers of a language write it; used where FONT_DIR has them.
FAMILIES = {"ja": "JP", "ko": "KR", "zh": "SC"}


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    folders = [settings.FONT_DIR] if settings.FONT_DIR else []
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)


def families(language: str) -> list[str]:
    """Return the families to take in this order; for other characters Typst looks through all that there are."""
    there = set(_fonts().families())
    wanted = [f"Noto {style} CJK {FAMILIES[language]}" for style in ("Serif", "Sans")] if language in FAMILIES else []
    return ["Libertinus Serif", *(name for name in wanted if name in there)]


def _compiler(template: Path, data: dict[str, Any]) -> typst.Compiler:
    text = json.dumps(data, ensure_ascii=False)
    return typst.Compiler(
        template, root=template.parent, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs={"data": text}
    )


def count_pages(template: Path, data: dict[str, Any]) -> int:
    """Return the value that the template labels <pages>."""
    return int(json.loads(_compiler(template, data).query("<pages>", field="value", one=True)))


def make_pdf(template: Path, data: dict[str, Any], *, name: str) -> bytes:
    """Return the PDF that a template makes of `data`; `name` says in the log which one it was."""
    compiler = _compiler(template, data)
    try:
        pdf = compiler.compile(format="pdf", pdf_standards="ua-1")
    except typst.TypstError as error:
        # A character without a glyph: a box is drawn in its place, and the document is not PDF/UA.
        logger.warning("%s: %s. FONT_DIR may name a folder with more fonts.", name, error)
        pdf = compiler.compile(format="pdf")
    if not isinstance(pdf, bytes):  # pragma: no cover - PDF is one file
        raise TypeError(type(pdf))
    return pdf
