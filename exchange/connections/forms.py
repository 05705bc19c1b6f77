"""What is said when somebody asks to connect."""

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.forms import long_text
from exchange.connections.models import LONGEST


class RequestForm(forms.Form):
    message = long_text(
        _("Your message"),
        _("What do you work on, and what would you like to talk about? Two sentences are enough."),
        most=LONGEST,
    )
