import pytest

from config.vocabulary.models import Goal, Pathway, Topic


@pytest.mark.django_db
def test_terms_are_there_with_a_label_in_every_interface_language(settings):
    assert [Pathway.objects.count(), Topic.objects.count(), Goal.objects.count()] == [5, 12, 17]
    codes = {code for code, _ in settings.LANGUAGES}
    for model in (Pathway, Topic, Goal):
        for term in model.objects.all():
            assert set(term.labels) == codes, term.code
            assert all(term.labels.values()), term.code


@pytest.mark.django_db
def test_cast_is_made(cast):
    assert cast.alice.member_roles.get().member == cast.lahti
