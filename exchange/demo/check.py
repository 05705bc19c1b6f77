"""`demo --check`: the main job over real HTTP and SMTP, as five people would do it in their browsers."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.parse import urlsplit

from config.vocabulary.models import Pathway, Topic
from exchange.demo.browser import Browser, Page
from exchange.demo.inbox import part_text, read_messages
from exchange.demo.network import PASSWORD
from exchange.demo.processes import Processes

AUTHOR, COORDINATOR = "aino@joensuu.example", "kaisa@network.example"
COLLEAGUE, READER = "mikko@lahti.example", "lucia@pontevedra.example"
TITLE = "Lumen kasaus ja hulevedet"
STORY: dict[str, dict[str, str | list[str]]] = {
    "basics": {
        "title": TITLE,
        "summary": "Lumi kasataan niin, että sulamisvesi imeytyy puistoihin eikä rasita viemäreitä.",
        "language": "fi",
        "status": "running",
        "start_year": "2023",
    },
    "themes": {"pathways": ["nature_based", "resilient"], "topics": ["water", "climate_adaptation"], "goals": ["6", "11"]},
    "story": {
        "challenge": "Sulamisvesi tulvi keväisin kaduille.",
        "solution": "Kolme puistoa muotoiltiin ottamaan vastaan aurattu lumi.",
        "results": "Keväällä ei tulvinut.",
    },
    "contact": {"contact_email": "climate@joensuu.example", "contact_title": "Ilmastokoordinaattori"},
}  # fmt: skip


class StepFailedError(Exception):
    """A step did not lead where it should; the message names the step and what was seen instead."""


def drive(processes: Processes, *, tell: Callable[[str], None], patience: float) -> dict[str, object]:
    """Do the main job once.

    Args:
        tell: gets one line a step.
        patience: seconds to wait for each e-mail.

    Returns:
        published, digests_sent, duplicates (all counted in the inbox) and unsubscribed.

    Raises:
        StepFailedError: with the first step that failed.
    """
    check = _Check(processes, tell, patience)
    revision = check.write_and_submit()
    check.ask_for_changes(revision)
    check.change_and_submit_again(revision)
    page = check.approve(revision)
    check.read_as_colleague(page)
    digest = check.get_digest(page)
    unsubscribed = check.leave(digest)
    return {
        "published": check.count(lambda mail: mail["To"] == AUTHOR and page in part_text(mail, "plain")),
        "digests_sent": check.count(_is_digest),
        "duplicates": check.duplicates(),
        "unsubscribed": unsubscribed,
    }


class _Check:
    """The steps; each starts where the one before it ended."""

    def __init__(self, processes: Processes, tell: Callable[[str], None], patience: float) -> None:
        self.processes = processes
        self.tell = tell
        self.patience = patience
        self.browsers: dict[str, Browser] = {}

    def write_and_submit(self) -> str:
        """Return the path of the revision's first page."""
        with self.step("Sign in as the author and write a practice"):
            author = self.sign_in(AUTHOR)
            form = author.get("/write/new/")
            answers: dict[str, str | list[str]] = {"kind": "practice", "language": "fi", "title": TITLE}
            page = author.submit(form, form.form("kind", "title"), answers)
            revision = urlsplit(page.url).path
            _expect(re.fullmatch(r"/revisions/\d+/", revision), page, "the first step of the form")
            for step, answers in STORY.items():
                _expect(page.form("edition", *answers), page, f"the step {step}")
                page = author.submit(page, page.form("edition", *answers), answers)
            page = author.get(f"{revision}check/")
        with self.step("Submit it"):
            page = author.submit(page, page.form(action="/submit/"), {})
            _expect(urlsplit(page.url).path == revision, page, "the submitted text")
        return revision

    def ask_for_changes(self, revision: str) -> None:
        with self.step("The coordinator is told by e-mail, and asks for changes"):
            review = f"{revision}review/"
            self.await_mail(COORDINATOR, review)
            coordinator = self.sign_in(COORDINATOR)
            _expect(review in coordinator.get("/review/").links, coordinator.get("/review/"), "it in the queue")
            page = coordinator.get(review)
            without_reason = coordinator.submit(page, page.form("verdict"), {"verdict": "changes_requested"})
            _expect(without_reason.url.endswith(review), without_reason, "a question for the reason")
            answers: dict[str, str | list[str]] = {"verdict": "changes_requested", "reason": "Paljonko se maksoi?"}
            page = coordinator.submit(without_reason, without_reason.form("verdict"), answers)
            _expect(page.url.endswith("/review/"), page, "the queue")

    def change_and_submit_again(self, revision: str) -> None:
        with self.step("The author is told why, answers and submits again"):
            mail = self.await_mail(AUTHOR, revision)
            _expect("Paljonko se maksoi?" in part_text(mail, "plain"), None, "the reason in the e-mail")
            author = self.browsers[AUTHOR]
            page = author.get(f"{revision}money/")
            answers: dict[str, str | list[str]] = {"cost_amount": "120000", "cost_currency": "EUR"}
            author.submit(page, page.form("cost_amount"), answers)
            page = author.get(f"{revision}check/")
            page = author.submit(page, page.form(action="/submit/"), {})
            _expect(urlsplit(page.url).path == revision, page, "the submitted text")

    def approve(self, revision: str) -> str:
        """Return the path of the published page."""
        with self.step("The coordinator approves, and the author is told"):
            coordinator = self.browsers[COORDINATOR]
            page = coordinator.get(f"{revision}review/")
            coordinator.submit(page, page.form("verdict"), {"verdict": "approved"})
            mail = self.await_mail(AUTHOR, TITLE, lambda mail: "/publications/" in part_text(mail, "plain"))
            found = re.search(r"(/publications/\d+/)", part_text(mail, "plain"))
            _expect(found, None, "the address of the page in the e-mail")
            return found.group(1) if found else ""

    def read_as_colleague(self, path: str) -> None:
        with self.step("Another member finds and reads it"):
            colleague = self.sign_in(COLLEAGUE)
            listing = colleague.get("/publications/?q=hulevedet+kasaus")
            _expect(path in listing.links, listing, "it in the list")
            page = colleague.get(path)
            _expect(page.status == 200 and "Kolme puistoa muotoiltiin" in page.text, page, "its text")

    def get_digest(self, path: str) -> EmailMessage:
        """Return the digest that tells about the page at `path`."""
        with self.step(
            "A reader follows its topics and asks for the digest now; beat, broker, worker and SMTP bring it"
        ):
            reader = self.sign_in(READER)
            page = reader.get("/digest/")
            follows: dict[str, str | list[str]] = {
                "topics": [str(one.pk) for one in Topic.objects.filter(code__in=STORY["themes"]["topics"])],
                "pathways": [str(one.pk) for one in Pathway.objects.filter(code__in=STORY["themes"]["pathways"])],
            }
            page = reader.submit(page, page.form("cadence", "hour"), follows)
            reader.submit(page, page.form(action="/digest/now/"), {})
            digest = self.await_mail(READER, path, wanted=_is_digest)
        with self.step("The same digest does not come twice"):
            before = self.count(_is_digest)
            reader.submit(page, page.form(action="/digest/now/"), {})
            time.sleep(3 * self.processes.wake_every)
            _expect(self.count(_is_digest) == before, None, "no further digest")
        return digest

    def leave(self, digest: EmailMessage) -> bool:
        """Return whether the reader's page says, after one click, that no digest comes any more."""
        with self.step("One click leaves, without cookies or sign-in"):
            _expect(digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", None, "RFC 8058's header")
            found = re.search(r"<(http[^>]+)>", str(digest["List-Unsubscribe"]))
            address = found.group(1) if found else ""
            stranger = Browser(self.processes.address)
            answer = stranger.post(address, [("List-Unsubscribe", "One-Click")])
            _expect(answer.status == 200 and answer.url == address, answer, "an answer without a redirect")
            page = self.browsers[READER].get("/digest/")
            return ("cadence", "never") in page.form("cadence", "hour").values

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Tell that a step begins, and name it in whatever goes wrong."""
        self.tell(name)
        try:
            yield
        except (LookupError, OSError, StepFailedError) as error:
            raise StepFailedError(f"{name}: {error}") from error

    def sign_in(self, email: str) -> Browser:
        browser = self.browsers[email] = Browser(self.processes.address)
        page = browser.get("/accounts/login/")
        page = browser.submit(page, page.form("login", "password"), {"login": email, "password": PASSWORD})
        _expect(urlsplit(page.url).path == "/", page, "the first page")
        return browser

    def await_mail(
        self, to: str, text: str, wanted: Callable[[EmailMessage], bool] = lambda _mail: True
    ) -> EmailMessage:
        """Return the newest mail to `to` whose text holds `text`, once there is one."""
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            for mail in self.mails():
                if mail["To"] == to and text in part_text(mail, "plain") and wanted(mail):
                    return mail
            if name := self.processes.ended():
                raise StepFailedError(f"{name} has ended:\n{self.processes.log(name)}")
            time.sleep(0.2)
        raise StepFailedError(f"no e-mail to {to} with {text} within {self.patience:.0f} s")

    def mails(self) -> list[EmailMessage]:
        return [mail for _, mail in read_messages(self.processes.mail_folder)]

    def count(self, wanted: Callable[[EmailMessage], bool]) -> int:
        """Return how many different Message-IDs there are among the mails that are `wanted`."""
        return len({str(mail["Message-ID"]) for mail in self.mails() if wanted(mail)})

    def duplicates(self) -> int:
        """Return how many mails came again with a Message-ID that had come before."""
        counts = Counter(str(mail["Message-ID"]) for mail in self.mails())
        return sum(count - 1 for count in counts.values())


def _is_digest(mail: EmailMessage) -> bool:
    return str(mail["List-Id"] or "").startswith("<digest.")


def _expect(good: object, page: Page | None, what: str) -> None:
    if not good:
        seen = f"; instead {page.url} ({page.status})" if page else ""
        raise StepFailedError(f"not found: {what}{seen}")
