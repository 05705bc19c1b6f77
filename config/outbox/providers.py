"""Mail services that can report bounces and complaints, and how they prove that a report is theirs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """One service.

    Attributes:
        view: django-anymail's view that reads its reports.
        key: django-anymail's setting of the key that its reports are signed with; empty where it signs nothing and
            sends a user and a password instead.
    """

    view: str
    key: str = ""


PROVIDERS = {
    "brevo": Provider("anymail.webhooks.brevo.BrevoTrackingWebhookView"),
    "mailersend": Provider("anymail.webhooks.mailersend.MailerSendTrackingWebhookView", "MAILERSEND_SIGNING_SECRET"),
    "mailgun": Provider("anymail.webhooks.mailgun.MailgunTrackingWebhookView", "MAILGUN_WEBHOOK_SIGNING_KEY"),
    "mailjet": Provider("anymail.webhooks.mailjet.MailjetTrackingWebhookView"),
    "mandrill": Provider("anymail.webhooks.mandrill.MandrillCombinedWebhookView", "MANDRILL_WEBHOOK_KEY"),
    "postmark": Provider("anymail.webhooks.postmark.PostmarkTrackingWebhookView"),
    "sparkpost": Provider("anymail.webhooks.sparkpost.SparkPostTrackingWebhookView"),
}


def anymail_settings(name: str, key: str) -> dict[str, str]:
    """Return django-anymail's settings for the service `name`; none where it is empty.

    Raises:
        ValueError: the service is unknown, or anybody could report in its name.
    """
    if not name:
        return {}
    if name not in PROVIDERS:
        raise ValueError(f"MAIL_SERVICE: {name} is none of {', '.join(PROVIDERS)}")
    signing = PROVIDERS[name].key
    if not signing and not all(key.partition(":")):
        raise ValueError(f"MAIL_SERVICE_KEY: {name} needs user:password")
    if not key.isascii() or len(key) < 16:
        raise ValueError("MAIL_SERVICE_KEY: needs 16 characters or more, in ASCII")
    return {signing or "WEBHOOK_SECRET": key}
