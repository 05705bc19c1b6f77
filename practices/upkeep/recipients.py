"""Who is asked about a publication, and who is told what is wrong with it."""

from dataclasses import dataclass

from django.conf import settings

from members.accounts.models import User
from practices.library.models import Publication
from practices.library.queries import authors_to_tell


@dataclass(frozen=True)
class Recipient:
    """An address with the language it is written to in; `user` where it is that of an account."""

    address: str
    user: User | None
    language: str


def responsible_side(publication: Publication) -> list[User]:
    """Return the person who looks after it; where nobody does, those of the owner that `authors_to_tell` names.

    A demonstration entry is a summary that others made: its member never wrote it, and is not troubled with it.
    """
    people = authors_to_tell(publication, None)
    if publication.is_demonstration:
        return [one for one in people if one.pk == publication.responsible_id]
    return people


def people_to_ask(publication: Publication) -> list[Recipient]:
    """Return whom the yearly question goes to: the responsible side and the contact address, each address once."""
    found = {one.email.casefold(): Recipient(one.email, one, one.language) for one in responsible_side(publication)}
    if contact := publication.contact_email:
        found.setdefault(contact.casefold(), recipient_at(contact, publication))
    return list(found.values())


def recipient_at(address: str, publication: Publication) -> Recipient:
    """Return how to write to an address: to a plain one in the language of the text, where the interface has it."""
    user = User.objects.filter(email__iexact=address, is_active=True).first()
    if user:
        return Recipient(address, user, user.language)
    language = publication.language.partition("-")[0]
    return Recipient(address, None, language if language in dict(settings.LANGUAGES) else "en")
