"""Words as the search compares them: folded to one case, without diacritics, in one script, compounds taken apart."""

import re
import unicodedata
from functools import cache, lru_cache

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
_SHORTEST_PART, _SHORTEST_COMPOUND, _LONGEST_COMPOUND = 4, 8, 40
_BETTER = 0.5  # how much more common the rarest part has to be than the whole


def fold(text: str) -> str:
    """Return `text` in lower case, without diacritics and in Latin letters where it is Cyrillic.

    Scripts that write no spaces become pairs of characters, which any phrase of theirs then consists of.
    """
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
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
    if language not in _LINKS or not _SHORTEST_COMPOUND <= len(word) <= _LONGEST_COMPOUND:
        return [word]
    return list(_split(word, language, 2)[1])


@lru_cache(maxsize=50_000)
def _split(word: str, language: str, deeper: int) -> tuple[float, tuple[str, ...]]:
    """Return the parts of a word that are the most common, and how common the rarest of them is."""
    zipf = _lexicons()[language].zipf
    cuts = range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1)
    heads = [(at, head) for at in cuts for head in _heads(word[:at], language)]
    best: tuple[float, tuple[str, ...]] = (float(zipf([word])[0]) + _BETTER, (word,))
    common = dict(zip(cuts, zipf([word[at:] for at in cuts]).tolist(), strict=True))
    for (at, head), weakest in zip(heads, zipf([head for _, head in heads]).tolist(), strict=True):
        if weakest <= best[0]:
            continue
        tail = common[at]
        tails: tuple[str, ...] = (word[at:],)
        if deeper and len(word) - at >= _SHORTEST_COMPOUND:
            deep, found = _split(word[at:], language, deeper - 1)
            if len(found) > 1 and deep > tail:
                tail, tails = deep, found
        if min(weakest, tail) > best[0]:
            best = (min(weakest, tail), (head, *tails))
    return best


def _heads(head: str, language: str) -> list[str]:
    """Return the beginning of a compound as it is, and without what may stand between it and the rest."""
    cut = (head[: -len(link)] for link in _LINKS[language] if head.endswith(link))
    return [head, *(one for one in cut if len(one) >= _SHORTEST_PART)]


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
