"""What people of the demo search for again and again."""

from members.accounts.models import User
from practices.search.models import SavedSearch
from practices.search.saving import save_search

SEARCHES = (
    ("aino@joensuu.example", "Hulevedet ja koulut", "q=koulun+piha&topic=water", "daily"),
    ("lucia@pontevedra.example", "Streets for people in Europe", "topic=mobility&country=150", "at_once"),
)


def load_searches() -> None:
    """Save the examples, unless anybody has saved anything already."""
    if SavedSearch.objects.exists():
        return
    for email, name, query, cadence in SEARCHES:
        save_search(query=query, values={"name": name, "cadence": cadence}, by=User.objects.get(email=email))
