"""What is asked, said, written to people, and how one wants to hear of it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from config.kit.countries import language_choices
from config.kit.forms import long_text
from exchange.conversations.models import Comment, Delivery
from exchange.conversations.models.comments import LONGEST
from members.accounts.models import User

HOW = _("You can use Markdown. With @ and a name, for example @Aino Karhu, you name a person, who is told.")


class ReplyForm(forms.Form):
    """Words and their language."""

    text = long_text(_("Your text"), HOW, most=LONGEST, rows=5)
    language = forms.ChoiceField(label=_("Language of your text"), choices=language_choices)


class CommentForm(ReplyForm):
    """A question or a comment on a publication."""

    kind = forms.ChoiceField(label=_("Question or comment?"), choices=Comment.Kind.choices, widget=forms.RadioSelect)

    field_order = ("kind", "text", "language")


class PostForm(forms.Form):
    """A message in a thread."""

    text = long_text(_("Your message"), HOW, most=LONGEST, rows=5)


class ThreadForm(PostForm):
    """A new thread, with people one is connected with."""

    people = forms.ModelMultipleChoiceField(
        User.objects.none(), label=_("To"), widget=forms.CheckboxSelectMultiple
    )  # fmt: skip
    subject = forms.CharField(label=_("What is it about?"), max_length=120)

    field_order = ("people", "subject", "text")

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["people"]
        field.queryset = people
        self.fields["subject"].widget.attrs.pop("maxlength", None)


class DeliveryForm(forms.ModelForm[Delivery]):
    """How somebody wants to hear of what others write to them."""

    class Meta:
        model = Delivery
        fields = ("questions", "threads", "groups", "joins")
        widgets = dict.fromkeys(fields, forms.RadioSelect)
