"""A publication read whole is what reading table by table gives."""

import pytest
from django.http import Http404

from members.directory.rules import roles_of
from practices.library.content import LISTS, ROWS
from practices.library.models import Publication
from practices.library.whole import get_whole_or_404, has_none
from practices.translations.models import Translation
from practices.uptake.models import Uptake
from tests.factories import PublicationFactory

pytestmark = pytest.mark.django_db

ROWS_OF_ALL = {
    "key_dates": [{"when": "2020-05", "what": "Start"}, {"when": "2021", "what": "End"}],
    "building_blocks": [{"title": "Rule", "kind": "rule"}],
    "partners": [{"name": "University"}, {"name": "Neighbours"}],
    "funding": [{"source": "Fund", "programme": "LIFE", "amount": "1000.10", "currency": "EUR"}],
    "indicators": [{"metric": "Smoke", "baseline": "", "value": "0.0004", "unit": "mg", "year": "2024"}],
    "links": [{"url": "https://city.example/x", "title": "More"}],
}  # fmt: skip


def as_values(rows):
    return [{field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields} for row in rows]


@pytest.mark.parametrize("kind", ["practice", "project"])
def test_whole_publication_is_what_its_tables_hold(kind, cast, django_assert_num_queries):
    made = PublicationFactory(owner=cast.lahti, kind=kind, pathways=["resilient", "circular"], topics=["water", "food"],
                              goals=["13", "2"], **ROWS_OF_ALL)  # fmt: skip
    PublicationFactory(owner=cast.lahti, partners=[{"name": "Another's"}])
    assert roles_of(cast.rita).in_network  # the roles are read
    with django_assert_num_queries(2):
        whole = get_whole_or_404(cast.rita, made.pk)
        found = {name: list(getattr(whole, name).all()) for name in (*ROWS, *LISTS)}
        assert [row.publication for row in found["partners"]] == [whole, whole]
        assert str(whole.child) == made.title
    plain = Publication.objects.get(pk=made.pk)
    for name, rows in found.items():
        expected = list(getattr(plain, name).all())
        assert rows == expected, name
        assert as_values(rows) == as_values(expected), name
        assert bool(rows) == (name in {*ROWS_OF_ALL, *LISTS}), name


def test_what_one_may_not_read_is_not_found(cast):
    made = PublicationFactory(owner=cast.lahti, state="archived")
    with pytest.raises(Http404):
        get_whole_or_404(cast.carlos, made.pk)


def test_owner_is_read_with_its_office(cast, django_assert_num_queries):
    for owner, above in ((cast.lahti, cast.lahti.office), (cast.finland, cast.finland.parent)):
        made = PublicationFactory(owner=owner)
        whole = get_whole_or_404(cast.rita, made.pk)
        with django_assert_num_queries(0):
            assert whole.owner == owner
            assert (whole.owner.office if owner == cast.lahti else whole.owner.parent) == above
            assert as_values([whole.owner]) == as_values([owner])


def test_page_knows_what_upper_rooms_have_nothing_of(cast):
    made = PublicationFactory(owner=cast.lahti)
    assert not has_none(made, Uptake)  # nobody has looked
    whole = get_whole_or_404(cast.rita, made.pk)
    assert has_none(whole, Uptake)
    assert has_none(whole, Translation)
    Translation.objects.create(publication=made, language="fi", texts={}, origin="human")
    whole = get_whole_or_404(cast.rita, made.pk)
    assert not has_none(whole, Translation)
