"""Words as the search compares them: folded to one case, without diacritics, in one script, compounds taken apart."""

import re
import unicodedata
from functools import cache

import numpy as np
import wordfreq

# PostgreSQL's stemmers by language (those of PostgreSQL 15); every other language has its folded words alone.
CONFIGS = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english", "es": "spanish",
    "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "it": "italian",
    "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
# Cyrillic as South Slavic languages write it in Latin letters, so that вода finds voda and the other way round.
_LETTERS = str.maketrans({
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "ђ": "dj", "ѓ": "gj", "е": "e", "ё": "e", "є": "e",
    "ж": "z", "з": "z", "ѕ": "dz", "и": "i", "ѝ": "i", "і": "i", "ї": "i", "й": "j", "ј": "j", "к": "k", "ќ": "kj",
    "л": "l", "љ": "lj", "м": "m", "н": "n", "њ": "nj", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "ћ": "c",
    "у": "u", "ў": "u", "ф": "f", "х": "h", "ц": "c", "ч": "c", "џ": "dz", "ш": "s", "щ": "st", "ъ": "a", "ы": "y",
    "ь": "", "э": "e", "ю": "ju", "я": "ja",
    "đ": "dj", "ð": "d", "þ": "th", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "ı": "i", "’": "'",
})  # fmt: skip
_WITHOUT_SPACES = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\w+")

# What may stand between the parts of a compound, by language; the languages that write compounds as one word.
_LINKS = {
    "da": ("s", "e"), "de": ("s", "es", "n", "en"), "fi": (), "hu": (), "is": ("s", "a"), "nb": ("s", "e"),
    "nl": ("s", "en", "e"), "sv": ("s",),
}  # fmt: skip
_LANGUAGE_OF_LIST = {"sh": "hr"}  # one list for Bosnian, Croatian and Serbian in Latin letters
# Lists of languages that are written without spaces, or that content cannot be in.
_NOT_TOLD_APART = {"fil", "ja", "ms", "ta", "zh"}
_SHORTEST_PART, _SHORTEST_COMPOUND = 4, 8
_BETTER = 0.5  # how much more common the rarest part has to be than the whole


def fold(text: str) -> str:
    """Return `text` in lower case, without diacritics and in Latin letters where it is Cyrillic.

    Scripts that write no spaces become pairs of characters, which any phrase of theirs then consists of.
    """
    text = text.casefold().translate(_LETTERS)
    text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return _WITHOUT_SPACES.sub(_in_pairs, unicodedata.normalize("NFC", text))


def _in_pairs(match: re.Match[str]) -> str:
    run = match[0]
    return " " + " ".join(run[at : at + 2] for at in range(max(1, len(run) - 1))) + " "


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, in order."""
    return _WORD.findall(text.lower())


def parts_of(word: str, language: str) -> list[str]:
    """Return the words that a compound consists of, or the word alone.

    A word is taken apart where its rarest part is more common than the word itself (after Koehn and Knight 2003,
    "Empirical Methods for Compound Splitting", with the weakest part instead of the geometric mean).
    """
    if language not in _LINKS or len(word) < _SHORTEST_COMPOUND:
        return [word]
    return _split(word, language, deeper=2)[1]


def _split(word: str, language: str, *, deeper: int) -> tuple[float, list[str]]:
    best = (_zipf(word, language) + _BETTER, [word])
    for at in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
        head, tail = _without_link(word[:at], language), word[at:]
        weakest, tails = _zipf(tail, language), [tail]
        if deeper and len(tail) >= _SHORTEST_COMPOUND:
            deep, found = _split(tail, language, deeper=deeper - 1)
            if len(found) > 1 and deep > weakest:
                weakest, tails = deep, found
        weakest = min(weakest, _zipf(head, language))
        if weakest > best[0]:
            best = (weakest, [head, *tails])
    return best


def _without_link(head: str, language: str) -> str:
    cut = (head[: -len(link)] for link in _LINKS[language] if head.endswith(link))
    return max([head, *(one for one in cut if len(one) >= _SHORTEST_PART)], key=lambda one: _zipf(one, language))


def _zipf(word: str, language: str) -> float:
    return float(_lexicons()[language].zipf([word])[0])


class _Lexicon:
    """How common the words of one language are; words rarer than one in a million are not in it.

    A sorted table of hashes, because 28 dictionaries of words would take twelve times the memory.
    """

    def __init__(self, buckets: list[list[str]]) -> None:
        hashes = np.fromiter((hash(word) for words in buckets for word in words), np.int64)
        zipf = np.repeat([9 - at / 100 for at in range(len(buckets))], [len(words) for words in buckets])
        order = np.argsort(hashes)
        self.hashes, self.frequencies = hashes[order], zipf[order].astype(np.float32)

    def zipf(self, words: list[str]) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
        """Return how common each word is on the Zipf scale: 3 is one word in a million; 0 where it is not known."""
        wanted = np.fromiter((hash(word) for word in words), np.int64, len(words))
        at = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        return np.where(self.hashes[at] == wanted, self.frequencies[at], np.float32(0))


@cache
def _lexicons() -> dict[str, _Lexicon]:
    """Return what is known of each language; half a second the first time."""
    paths = wordfreq.available_languages("small")
    return {
        _LANGUAGE_OF_LIST.get(name, name): _Lexicon(wordfreq.read_cBpack(paths[name]))
        for name in sorted(paths)
        if name not in _NOT_TOLD_APART
    }


def guess_languages(text: str, *, most: int = 3) -> list[str]:
    """Return the languages in which the words of a short text are the most common, the likeliest first."""
    words = words_of(text)
    score = {name: float(known.zipf(words).sum()) for name, known in _lexicons().items()} if words else {}
    return sorted((name for name in score if score[name]), key=lambda name: (-score[name], name))[:most]


def guess_language(text: str) -> str | None:
    """Return the language that a short text is likely to be in; None where no language knows any of its words."""
    return next(iter(guess_languages(text, most=1)), None)


def split_compounds(text: str, language: str | None) -> str:
    """Return `text` with its compounds taken apart, in lower case where something was."""
    if language not in _LINKS:
        return text
    words = words_of(text)
    parts = [part for word in words for part in parts_of(word, language)]
    return " ".join(parts) if parts != words else text
