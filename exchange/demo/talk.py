"""Who asks whom what in the demo, so that the pages of connections and messages are not empty. All is invented."""

from exchange.connections.models import Connection
from exchange.connections.services import accept_request, request_connection
from exchange.conversations.commenting import add_comment, mark_answer, reply_to_comment
from exchange.conversations.messaging import begin_thread, write_post
from exchange.conversations.models import Comment
from members.accounts.models import User
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


def _person(email: str) -> User:
    return User.objects.get(email=email)
