"""The editor of a revision as its page uses it."""

from django.urls import reverse

from practices.editorial.models import Revision


class Editor:
    """One window on a revision: posts a step with what is typed, as the page does."""

    def __init__(self, client, revision, window="w1"):
        self.client, self.pk, self.window = client, revision.pk, window
        self.edition = revision.edition

    def url(self, step):
        return reverse("editorial:revision_edit", args=[self.pk, step])

    def post(self, step, typed, *, htmx=False, **own):
        """Post `typed` alone: what a step has besides is empty, as in a browser whose fields were emptied."""
        data = {"edition": self.edition, "window": self.window} | own | typed
        return self.client.post(self.url(step), data, headers={"HX-Request": "true"} if htmx else {})

    @property
    def revision(self):
        return Revision.objects.get(pk=self.pk)

    @property
    def content(self):
        return self.revision.content
