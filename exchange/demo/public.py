"""What members of the demo show to the public, so that its public page is not empty."""

from config.journal.models import Entry
from exchange.demo.showcase import TITLE
from members.accounts.models import User
from practices.library.models import Publication
from practices.sharing.services import show_to_public

# Who shows which one.
SHOWN = (
    ("mikko@lahti.example", {"import_id": "lahti-citicap-liikkumisen-paastokauppa"}),
    ("goran@strumica.example", {"import_id": "strumica-precistitelna-stanica"}),
    ("haruka@kamikatsu.example", {"import_id": "kamikatsu-zero-waste"}),
    ("tom@melbourne.example", {"import_id": "melbourne-renewable-energy-project"}),
    ("aino@joensuu.example", {"title": TITLE}),
)


def load_public() -> None:
    """Show the examples, unless anybody has shown anything already: what is hidden again stays hidden."""
    if Entry.objects.filter(verb="shown_to_public").exists():
        return
    for email, which in SHOWN:
        show_to_public(publication=Publication.objects.get(**which), by=User.objects.get(email=email))
