from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "members.accounts"
    label = "accounts"

    def ready(self) -> None:
        from allauth.account.signals import user_logged_in
        from allauth.mfa.models import Authenticator
        from allauth.mfa.signals import authentication_failed, authenticator_removed
        from django.db.models.signals import post_delete

        from config.ops.retention import register_retention
        from members.accounts import emails, own_data, personal_data, second_factor, sign_ins  # noqa: F401 - emails registers its kinds

        second_factor.register_role("administrator", lambda user: user.is_administrator)
        user_logged_in.connect(sign_ins.on_signed_in, dispatch_uid="members.accounts.sign_ins")
        authentication_failed.connect(sign_ins.on_second_factor_failed, dispatch_uid="members.accounts.sign_ins")
        authenticator_removed.connect(second_factor.forget_here, dispatch_uid="members.accounts.second_factor")
        user_logged_in.connect(second_factor.forget_here, dispatch_uid="members.accounts.second_factor")
        post_delete.connect(
            second_factor.forget_in_sessions, Authenticator, dispatch_uid="members.accounts.second_factor"
        )
        own_data.register()
        register_retention(
            "record of personal data", personal_data.KEPT.days, personal_data.forget_old_events,
            label=_("Record of who saw personal data"),
        )  # fmt: skip
        register_retention(
            "sign-in history", sign_ins.KEPT.days, sign_ins.forget_old_sign_ins, label=_("Sign-in history")
        )
