"""The signed links of the yearly question: each names the question, an answer and the address it was sent to."""

from dataclasses import dataclass

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from config.outbox.rendering import absolute_url
from practices.upkeep.models import Check

_signer = Signer(salt="practices.upkeep.answer")  # without a time: how long a link works, the question says


@dataclass(frozen=True)
class Link:
    """What a link says."""

    check: Check
    answer: Check.Answer
    address: str


def answer_token(check: Check, answer: Check.Answer, address: str) -> str:
    """Return the secret part of a link."""
    return _signer.sign_object([check.pk, str(answer), address])


def answer_url(check: Check, answer: Check.Answer, address: str) -> str:
    return absolute_url(reverse("upkeep:check_answer", args=[answer_token(check, answer, address)]))


def read_token(token: str) -> Link | None:
    """Return what a link says; None where nobody signed it, or the publication is gone."""
    try:
        pk, answer, address = _signer.unsign_object(token)
        said = Check.Answer(answer)
    except (BadSignature, ValueError, TypeError):
        return None
    related = ("publication__owner_member__office", "publication__owner_office__parent")
    check = Check.objects.select_related(*related).filter(pk=pk).first()
    return Link(check, said, address) if check else None
