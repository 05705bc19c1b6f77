"""`manage.py calibrate_search`: work out what search takes out of the vectors of a model."""

import contextlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import django
from babel.messages.pofile import read_po
from django.core.management.base import BaseCommand, CommandParser

from practices.search.concepts import save_concepts
from practices.search.embedding import get_embedder
from practices.search.space import PATH, find_space, load_space, save_space

SENTENCES, SHORTEST, SHARE = 60, 26, 2 / 3
# Another country's form of a language that is there already, or what the model has hardly read.
LEFT_OUT = {"ar_DZ", "en_AU", "en_GB", "es_AR", "es_CO", "es_MX", "es_VE", "pt_BR", "nn", "zh_Hant", "dsb", "hsb",
            "eo", "ia", "os"}  # fmt: skip
TEXTS = ("title", "summary", "challenge", "solution", "results", "lessons", "what_went_wrong", "transferability")


class Command(BaseCommand):
    help = "Work out from Django's own translations, the same sentences in 60 languages, where languages differ."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="publications of this field, as load_publications takes them")

    def handle(self, *_args: Any, **options: Any) -> None:
        entries = [json.loads(line) for line in options["file"].read_text().splitlines() if line.strip()]
        passages = [entry[name] for entry in entries for name in TEXTS if entry.get(name)]
        sentences = parallel_sentences()
        embedder = get_embedder()
        space = find_space(embedder, sentences.values(), passages, [entry["title"] for entry in entries])
        save_space(space, model=embedder.name)
        load_space.cache_clear()
        save_concepts(embedder)
        self.stdout.write(f"{len(sentences)} languages, {len(passages)} passages; {PATH.stat().st_size} bytes written.")


def parallel_sentences() -> dict[str, list[str]]:
    """Return by language the sentences of Django's catalogues that most languages have."""
    found: dict[str, dict[str, str]] = {}
    root = Path(django.__file__).parent
    for path in sorted([*root.glob("conf/locale/*/LC_MESSAGES/django.po"),
                        *root.glob("contrib/*/locale/*/LC_MESSAGES/django.po")]):  # fmt: skip
        with path.open("rb") as file, contextlib.redirect_stdout(io.StringIO()):  # Babel prints its warnings
            for message in read_po(file):
                sentence, text = message.id, message.string
                if _is_sentence(sentence) and text and not message.fuzzy:
                    found.setdefault(path.parts[-3], {})[str(sentence)] = str(text)
    shared = Counter(sentence for each in found.values() for sentence in each)
    chosen = [sentence for sentence, _ in sorted(shared.items(), key=lambda pair: (-pair[1], pair[0]))[:SENTENCES]]
    found["en"] = {sentence: sentence for sentence in chosen}
    each = {name: [known[one] for one in chosen if one in known] for name, known in sorted(found.items())}
    return {name: texts for name, texts in each.items() if name not in LEFT_OUT and len(texts) >= SENTENCES * SHARE}


def _is_sentence(text: object) -> bool:
    """Whether it is prose: long enough, and nothing in it that is filled in or marked up."""
    return isinstance(text, str) and len(text) >= SHORTEST and not set(text) & set("%{<")
