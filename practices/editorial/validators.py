"""What a text must be."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from practices.editorial.models.assessments import WORDS


def clean_reason(text: str, *, field: str = "reason") -> str:
    """Return a reason without white space at its ends.

    Raises:
        ValidationError: by `field`, that it is missing, too long, or holds a NUL byte.
    """
    text = text.strip()
    if not text:
        raise ValidationError({field: _("Please say why.")})
    for check in WORDS:
        try:
            check(text)
        except ValidationError as error:
            raise ValidationError({field: error.messages}) from error
    return text
