"""A group about food, who comes and goes, and when it meets, in one line each."""

from datetime import timedelta

from django.utils import timezone

from config.vocabulary.models import Topic
from exchange.conversations import gathering, grouping


def found(by, admission="open", **values):
    said = {"name": "Kitchens", "kind": "community", "admission": admission, "about": "All about **food**."}
    said |= {"topic": Topic.objects.get(code="food"), "office": None}
    return grouping.found_group(values=said | values, by=by)


def own(group, act, by, message=""):
    return grouping.act_for_oneself(group=group, act=act, message=message, by=by)


def keeper(group, act, person, by):
    return grouping.act_as_keeper(group=group, person=person, act=act, by=by)


def meet(group, by, event=None, **values):
    starts_at = timezone.now() + timedelta(days=7)
    said = {"title": "A call", "starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)}
    said |= {"time_zone": "Europe/Helsinki", "place": "Lahti", "link": "https://city.example/call", "about": "Food"}
    if event:
        said |= {name: getattr(event, name) for name in gathering.FACTS}
    return gathering.save_event(group=group, event=event, values=said | values, by=by)
