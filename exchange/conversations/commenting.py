"""Every write to questions and comments: ask, reply, change, delete, mark the answer."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.journal.models import Entry
from config.journal.services import record
from config.kit.texts import tidy_text
from exchange.conversations.delivering import deliver, followers_of
from exchange.conversations.emails import COMMENT
from exchange.conversations.limits import check_may_post, unanswered
from exchange.conversations.mentions import find_mentions
from exchange.conversations.models import Comment
from members.accounts.models import User
from members.people.seeing import people_visible_to
from practices.library.models import Publication
from practices.library.queries import writers_of


@transaction.atomic
def add_comment(*, publication: Publication, kind: str, text: str, language: str, by: User) -> Comment:
    """Ask something about a publication, or say something. The owner's people and those who follow it hear of it.

    What was sent twice stands once, here and in `reply_to_comment`.

    Raises:
        PermissionDenied: `by` may not read it.
        ValidationError: it is not published (any more), `by` has written much in an hour, or by field.
    """
    if not by.has_perm("library.view_publication", publication):
        raise PermissionDenied
    text = tidy_text(text)
    there = Comment.objects.filter(publication=publication, parent=None, kind=kind, text=text)
    sent: Comment | None = check_may_post(by, again=there)
    if sent:
        return sent
    comment = Comment(publication=publication, kind=kind, text=text, language=language, by=by)
    _add(comment, by)
    return comment


@transaction.atomic
def reply_to_comment(*, comment: Comment, text: str, language: str, by: User) -> Comment:
    """Reply to a question or a comment; whoever wrote it hears of it too.

    Raises:
        PermissionDenied: `by` may not read it.
        ValidationError: as `add_comment`; or it is itself a reply, or is not there any more.
    """
    if not by.has_perm("conversations.view_comment", comment):
        raise PermissionDenied
    text = tidy_text(text)
    there = unanswered(Comment.objects.filter(parent=comment), by=by)
    sent: Comment | None = check_may_post(by, again=there.filter(text=text))
    if sent:
        return sent
    comment = Comment.objects.select_for_update(of=("self",)).with_rows().get(pk=comment.pk)
    if not comment.is_shown:
        raise ValidationError(_("This is not there any more, so nobody can reply to it."))
    if comment.parent_id:
        raise ValidationError(_("Please reply to the question or comment itself."))
    reply = Comment(
        publication=comment.publication, parent=comment, kind=Comment.Kind.COMMENT, text=text, language=language,
        by=by,
    )  # fmt: skip
    _add(reply, by)
    return reply


@transaction.atomic
def edit_comment(*, comment: Comment, text: str, language: str, by: User) -> Comment:
    """Change one's own words in the first half hour. Nobody is told again; who is named anew, hears of it.

    Raises:
        PermissionDenied: somebody else wrote it.
        ValidationError: it is older, or gone; `by` has written much in an hour; or by field.
    """
    _check_is_own(comment, by)
    check_may_post(by)
    comment = _lock(comment)
    if not comment.is_editable:
        raise ValidationError(_("You can change it for half an hour after you wrote it. Please write a reply instead."))
    comment.text, comment.language, comment.edited_at = tidy_text(text), language, timezone.now()
    _check_words(comment)
    comment.save(update_fields=["text", "language", "edited_at"])
    known = set(comment.mentions.values_list("pk", flat=True))
    named = _set_mentions(comment, by)
    _record(comment, "comment_edited", by)
    anew = [one for one in named if one.pk not in known]
    deliver(obj=comment, thing=comment.publication, people=anew, kind=COMMENT, verb="mentioned", by=by)
    return comment


@transaction.atomic
def delete_comment(*, comment: Comment, by: User) -> Comment:
    """Take one's own words away; that there was something stays, so that the replies can be understood.

    Raises:
        PermissionDenied: somebody else wrote it.
        ValidationError: it is gone already, or a coordinator has hidden it.
    """
    _check_is_own(comment, by)
    comment = _lock(comment)
    if not comment.is_shown:
        raise ValidationError(_("This is not there any more."))
    comment.text, comment.deleted_at, comment.is_answer, comment.marked_by = "", timezone.now(), False, None
    comment.save(update_fields=["text", "deleted_at", "is_answer", "marked_by"])
    comment.mentions.clear()
    _record(comment, "comment_deleted", by)
    return comment


@transaction.atomic
def mark_answer(*, comment: Comment, is_answer: bool, by: User) -> Comment:
    """Say that a reply is the answer to the question, in place of another one, or that it is not.

    Raises:
        PermissionDenied: `by` neither asked nor writes for the owner of the publication.
        ValidationError: the reply is not there any more.
    """
    if not by.has_perm("conversations.mark_answer", comment):
        raise PermissionDenied
    Comment.objects.select_for_update().get(pk=comment.parent_id)  # two who mark at once come one after the other
    comment = Comment.objects.with_rows().get(pk=comment.pk)
    if not comment.is_shown:
        raise ValidationError(_("This is not there any more."))
    if comment.is_answer == is_answer:
        return comment
    Comment.objects.filter(parent=comment.parent_id, is_answer=True).update(is_answer=False, marked_by=None)
    comment.is_answer, comment.marked_by = is_answer, by if is_answer else None
    comment.save(update_fields=["is_answer", "marked_by"])
    _record(comment, "answer_marked" if is_answer else "answer_unmarked", by)
    return comment


def erase_comments(user: User) -> None:
    """Take the words of somebody who is erased away, as if they had deleted each."""
    rows = Comment.objects.filter(by=user)
    rows.filter(deleted_at=None).update(text="", deleted_at=timezone.now(), is_answer=False, marked_by=None)
    Comment.mentions.through.objects.filter(comment__in=rows).delete()
    Comment.mentions.through.objects.filter(user=user).delete()


def _add(comment: Comment, by: User) -> None:
    publication = comment.publication
    if publication.state != Publication.State.PUBLISHED:
        raise ValidationError(_("This is archived or not published yet. Nobody can write about it now."))
    _check_words(comment)
    comment.save()
    named = _set_mentions(comment, by)
    verb = "replied" if comment.parent else "question_asked" if comment.kind == "question" else "commented"
    _record(comment, verb, by)
    deliver(
        obj=comment, thing=publication, people=[*_concerned(comment), *named], kind=COMMENT, verb=verb, by=by
    )  # fmt: skip


def _concerned(comment: Comment) -> list[User]:
    """Return the owner's people, those who follow the publication, and all who wrote under the same question."""
    pks = set(followers_of(comment.publication, mutes=False))
    if comment.parent:
        rows = Comment.objects.filter(parent=comment.parent).shown()
        pks |= {comment.parent.by_id, *rows.values_list("by", flat=True)} - {None}
    followers = User.objects.filter(pk__in=pks, is_active=True)
    readers = [one for one in followers if one.has_perm("library.view_publication", comment.publication)]
    return [*writers_of(comment.publication), *readers]


def _set_mentions(comment: Comment, by: User) -> list[User]:
    named = find_mentions(comment.text, people_visible_to(by))
    comment.mentions.set(named)
    return named


def _check_words(comment: Comment) -> None:
    comment.full_clean()
    if not comment.text:
        raise ValidationError({"text": _("Please write something.")})


def _check_is_own(comment: Comment, by: User) -> None:
    if not by.has_perm("conversations.change_comment", comment):
        raise PermissionDenied


def _lock(comment: Comment) -> Comment:
    locked: Comment = Comment.objects.select_for_update(of=("self",)).with_rows().get(pk=comment.pk)
    return locked


def _record(comment: Comment, verb: str, by: User) -> None:
    publication = comment.publication
    record(
        verb=verb, obj=comment, by=by, audience=Entry.Audience.NOBODY, member_id=publication.owner_member_id,
        office_id=publication.reviewing_office.pk, details={"publication": publication.pk},
    )  # fmt: skip
