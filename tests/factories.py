"""Makers of rows for tests: valid by default, everything else said by the test."""

import factory
from factory.django import DjangoModelFactory

from members.accounts.models import User
from members.directory.models import Member, MemberRole, Office, OfficeRole
from practices.editorial import desk
from practices.editorial import services as editorial
from practices.editorial.models import Revision
from practices.library.content import PLACE, as_value
from practices.library.forms import PublicationForm
from practices.library.models import Publication
from practices.library.services import make_publication, publish_content


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@city.example")
    name = factory.Sequence(lambda n: f"Person {n}")


class OfficeFactory(DjangoModelFactory):
    class Meta:
        model = Office

    name = factory.Sequence(lambda n: f"Office {n}")
    slug = factory.Sequence(lambda n: f"office-{n}")
    kind = "national"
    city = "Helsinki"
    country = "FI"


class MemberFactory(DjangoModelFactory):
    class Meta:
        model = Member

    name = factory.Sequence(lambda n: f"Kaupunki {n}")
    name_en = factory.Sequence(lambda n: f"City {n}")
    slug = factory.Sequence(lambda n: f"city-{n}")
    kind = "city"
    country = "FI"
    population = 50_000
    office = factory.SubFactory(OfficeFactory)


class MemberRoleFactory(DjangoModelFactory):
    class Meta:
        model = MemberRole

    user = factory.SubFactory(UserFactory)
    member = factory.SubFactory(MemberFactory)
    role = "contributor"


class OfficeRoleFactory(DjangoModelFactory):
    class Meta:
        model = OfficeRole

    user = factory.SubFactory(UserFactory)
    office = factory.SubFactory(OfficeFactory)
    role = "coordinator"


def complete_content(**changes):
    """Return what a publication says, as a working copy holds it: enough to be submitted, with `changes`."""
    return {
        "language": "en",
        "title": "School meals from farms nearby",
        "summary": "Forty schools cook with what grows within fifty kilometres.",
        "status": "running",
        "start_year": "2021",
        "pathways": ["circular"],
        "topics": ["food"],
        "challenge": "Meals came from far away.",
        "solution": "We bought from farms nearby.",
        "results": "Less waste on the plates.",
        "contact_email": "food@city.example",
    } | changes


class PublicationFactory(factory.Factory):
    """A practice, or with kind="project" a project, published as an approval does it.

    Give `owner`, `state` and any field of `complete_content`, as a working copy holds it. `facts` are columns that no
    form has.
    """

    class Meta:
        model = Publication

    owner = factory.SubFactory(MemberFactory)
    title = factory.Sequence(lambda n: f"Practice {n}")

    @classmethod
    def _create(cls, model, *, owner, kind="practice", state="published", by=None, facts=None, **changes):
        content = complete_content(**changes)
        publication = make_publication(
            kind=kind, owner=owner, language=content["language"], title=content["title"], by=by, **facts or {}
        )
        if state == "unpublished":
            return publication
        place = {name: as_value(getattr(publication, name)) for name in PLACE}
        form = PublicationForm(place | content, kind=kind, publication=publication)
        assert form.is_valid(), form.errors
        publication = publish_content(publication=publication, cleaned=form.cleaned_data, content=content, by=by)
        if state == "archived":
            model.objects.filter(pk=publication.pk).update(state=state, archived_reason="Not true any more.")
        return model.objects.get(pk=publication.pk)


PATHS = {
    "draft": (),
    "submitted": ("submit",),
    "in_review": ("submit", "take"),
    "changes_requested": ("submit", "changes_requested"),
    "approved": ("submit", "approved"),
    "declined": ("submit", "declined"),
    "withdrawn": ("withdraw",),
}


class RevisionFactory(factory.Factory):
    """The working copy of a new publication of `owner`, or of `publication`, led to `state` by the acts themselves.

    `by` writes it, `reviewer` takes and decides it. Fields as for `complete_content`.
    """

    class Meta:
        model = Revision

    @classmethod
    def _create(
        cls, model, *, by, owner=None, publication=None, reviewer=None, state="draft", kind="practice", **changes
    ):
        if publication:
            revision = editorial.revise_publication(publication=publication, by=by)
        else:
            changes = complete_content(**changes)
            facts = {name: changes[name] for name in ("language", "title")}
            revision = editorial.begin_publication(kind=kind, owner=owner, by=by, **facts)
        revision = editorial.save_revision(
            revision=revision, changes=changes, edition=revision.edition, window="", final=True, by=by
        )
        for act in PATHS[state]:
            revision = revision_act(act, revision, by=by, reviewer=reviewer)
        return model.objects.get(pk=revision.pk)


def revision_act(act, revision, *, by, reviewer, to=None):
    """Do an act of the state table: the author's `by` `by`, the reviewer's by `reviewer`, some `to` somebody."""
    acts = {
        "submit": lambda: editorial.submit_revision(revision=revision, edition=revision.edition, by=by),
        "withdraw": lambda: editorial.withdraw_revision(revision=revision, by=by),
        "take": lambda: editorial.take_revision(revision=revision, by=reviewer),
        "give_back": lambda: desk.give_back_revision(revision=revision, by=reviewer),
        "assign": lambda: desk.assign_revision(revision=revision, to=to, by=reviewer),
        "hand_over": lambda: desk.hand_over_revision(revision=revision, office=to, reason="They know.", by=reviewer),
    }
    if act in acts:
        return acts[act]()
    seen = {"edition": revision.edition, "version": Publication.objects.get(pk=revision.publication_id).version}
    reason = "" if act == "approved" else "Figures are missing."
    return editorial.decide_revision(revision=revision, verdict=act, reason=reason, by=reviewer, **seen)
