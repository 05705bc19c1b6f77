"""Who asks whom what in the demo, so that the pages of connections and messages are not empty. All is invented."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from config.vocabulary.models import Topic
from exchange.connections.models import Connection
from exchange.connections.services import accept_request, request_connection
from exchange.conversations.commenting import add_comment, mark_answer, reply_to_comment
from exchange.conversations.gathering import save_event
from exchange.conversations.grouping import act_as_keeper, act_for_oneself, found_group
from exchange.conversations.messaging import begin_discussion, begin_thread, write_post
from exchange.conversations.models import Comment, Group
from members.accounts.models import User
from members.directory.models import Office
from practices.library.models import Publication

# Who asks whom, with which words, and whether that is answered.
REQUESTS = (
    ("aino@joensuu.example", "lucia@pontevedra.example",
     "Hello Lucía! We plan two streets for walking in Joensuu and would like to hear how you began.", True),
    ("lucia@pontevedra.example", "elena@bitola.example",
     "You are adapting our streets for walking. Shall we talk now and then about how it goes?", True),
    ("haruka@kamikatsu.example", "aino@joensuu.example",
     "Hello Aino. I would like to learn how timber houses and circular economy go together with you.", False),
    ("tom@melbourne.example", "haruka@kamikatsu.example",
     "We stopped sorting at one point and want to try many small ones. May I ask you some questions?", True),
)  # fmt: skip
# On which publication, in which language, who asks what, and what is replied; the last reply is the answer.
QUESTIONS = (
    ("pontevedra-ciudad-peatonal", "elena@bitola.example", "mk",
     "Измислен пример: како ги убедивте трговците пред да почнете?",
     (("lucia@pontevedra.example", "es", "Ejemplo inventado: empezamos con **dos calles** y contamos a las personas que pasaban antes y después. Las tiendas vieron más clientes."),)),
    ("kamikatsu-zero-waste", "aino@joensuu.example", "en",
     "An invented example: how long did it take until people had learned all the kinds of waste?",
     (("tom@melbourne.example", "en", "An invented example: with us it took too long with one point far away."),
      ("haruka@kamikatsu.example", "en", "An invented example: about two years.\n\n1. Neighbours showed neighbours.\n2. Staff stood at the point every day."))),
    ("joensuu-lighthouse-puukerrostalo", "mikko@lahti.example", "fi",
     "Keksitty esimerkki: miten kaavamääräys muotoiltiin? @Aino Karhu", ()),
)  # fmt: skip
THREAD = (
    "Two streets in Joensuu",
    (
        ("aino@joensuu.example", "An invented example. Would you have half an hour next week?"),
        ("lucia@pontevedra.example", "An invented example. Gladly: Wednesday at ten, your time?"),
    ),
)


# Who founds which group, who is in it, and what is said first; of a topic or an office.
GROUPS: tuple[dict[str, Any], ...] = (
    {
        "by": "lucia@pontevedra.example", "name": "Streets for people", "admission": "open", "topic": "mobility",
        "about": "An invented example. Towns that give streets back to people on foot: how we begin, what we count, and what we would do otherwise.",
        "members": ("aino@joensuu.example", "elena@bitola.example"),
        "subject": "What do you count before you begin?",
        "text": "An invented example. We counted people, shops and buses for **two weeks**. What did you count?",
    },
    {
        "by": "kaisa@network.example", "name": "Ilmastokoordinaattorit", "admission": "request", "office": "finland",
        "kind": "working",
        "about": "Keksitty esimerkki. Suomen kuntien ilmastokoordinaattorit tapaavat joka toinen kuukausi.",
        "members": ("aino@joensuu.example",), "asks": "mikko@lahti.example",
        "subject": "Aiheet ensi kertaan", "text": "Keksitty esimerkki. Mistä haluatte puhua?",
    },
)  # fmt: skip
MEETING = {"title": "First call", "time_zone": "Europe/Madrid", "place": "", "link": "https://call.example/streets"}


def load_talk() -> None:
    """Connect the examples and let them talk, unless anybody has done either already."""
    if Connection.objects.exists() or Comment.objects.exists():
        return
    for asker, asked, message, accepts in REQUESTS:
        connection = request_connection(to=_person(asked), message=message, by=_person(asker))
        if accepts:
            accept_request(connection=connection, by=_person(asked))
    for import_id, asker, language, text, replies in QUESTIONS:
        publication: Publication = Publication.objects.get(import_id=import_id)
        question = add_comment(
            publication=publication, kind="question", text=text, language=language, by=_person(asker)
        )
        for email, in_language, said in replies:
            reply = reply_to_comment(comment=question, text=said, language=in_language, by=_person(email))
        if replies:
            mark_answer(comment=reply, is_answer=True, by=_person(asker))
    subject, ((first, begins), *others) = THREAD
    thread = begin_thread(people=[_person(others[0][0])], subject=subject, text=begins, by=_person(first))
    for email, said in others:
        write_post(thread=thread, text=said, by=_person(email))
    groups = [_load_group(**facts) for facts in GROUPS]
    starts_at = (timezone.now() + timedelta(days=14)).replace(hour=9, minute=0, second=0, microsecond=0)
    values = MEETING | {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "about": "An invented example.",
    }
    save_event(group=groups[0], event=None, values=values, by=_person(GROUPS[0]["by"]))


def _load_group(*, by: str, members: tuple[str, ...], subject: str, text: str, asks: str = "", **facts: Any) -> Group:
    keeper = _person(by)
    facts["topic"] = Topic.objects.get(code=facts["topic"]) if "topic" in facts else None
    facts["office"] = Office.objects.get(slug=facts["office"]) if "office" in facts else None
    group = found_group(values=facts, by=keeper)
    for email in members:
        act_as_keeper(group=group, person=_person(email), act="invite", by=keeper)
        act_for_oneself(group=group, act="accept", by=_person(email))
    if asks:
        act_for_oneself(group=group, act="ask", message="Keksitty esimerkki: olen uusi Lahdessa.", by=_person(asks))
    begin_discussion(group=group, subject=subject, text=text, by=keeper)
    return group


def _person(email: str) -> User:
    return User.objects.get(email=email)
