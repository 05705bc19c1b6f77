from django.urls import path, re_path

from exchange.exchanges import calendar_views, figures_views, outcome_views, views, work_views

app_name = "exchanges"
urlpatterns = [
    path("exchanges/", views.exchange_list, name="exchange_list"),
    path("exchanges/new/", views.exchange_create, name="exchange_create"),
    path("exchanges/figures/", figures_views.figures, name="figures"),
    re_path(r"^exchanges/figures/export\.(?P<kind>csv|xlsx)$", figures_views.figures_table, name="figures_table"),
    path("exchanges/<int:pk>/", views.exchange_detail, name="exchange_detail"),
    path("exchanges/<int:pk>/edit/", views.exchange_edit, name="exchange_edit"),
    path("exchanges/<int:pk>/take-back/", views.exchange_take_back, name="exchange_take_back"),
    path("exchanges/<int:pk>/start/", views.exchange_start, name="exchange_start"),
    path("exchanges/<int:pk>/cancel/", views.exchange_cancel, name="exchange_cancel"),
    path("exchanges/<int:pk>/invite/", views.party_invite, name="party_invite"),
    path("exchanges/<int:pk>/agenda/", views.agenda, name="agenda"),
    path("exchanges/<int:pk>/report/", outcome_views.exchange_report, name="exchange_report"),
    path("exchanges/<int:pk>/outcomes/new/", outcome_views.outcome_add, name="outcome_add"),
    path("exchanges/outcomes/<int:pk>/tick/", outcome_views.outcome_tick, name="outcome_tick"),
    path("exchanges/parties/<int:pk>/answer/", views.party_answer, name="party_answer"),
    path("exchanges/parties/<int:pk>/leave/", views.party_leave, name="party_leave"),
    path("exchanges/parties/<int:pk>/leave-out/", views.party_leave_out, name="party_leave_out"),
    path("exchanges/parties/<int:pk>/people/", work_views.party_people, name="party_people"),
    path("exchanges/parties/<int:pk>/feedback/", outcome_views.feedback, name="feedback"),
    path("exchanges/<int:pk>/sessions/new/", work_views.session_add, name="session_add"),
    path("exchanges/sessions/<int:pk>/edit/", work_views.session_edit, name="session_edit"),
    path("exchanges/sessions/<int:pk>/cancel/", work_views.session_cancel, name="session_cancel"),
    path("exchanges/sessions/<int:pk>/session.ics", calendar_views.session_file, name="session_file"),
    path("exchanges/<int:pk>/tasks/new/", work_views.task_add, name="task_add"),
    path("exchanges/tasks/<int:pk>/tick/", work_views.task_tick, name="task_tick"),
    path("exchanges/<int:pk>/talk/", work_views.exchange_talk, name="exchange_talk"),
    path("exchanges/<int:pk>/notes/new/", work_views.note_add, name="note_add"),
    path("exchanges/<int:pk>/files/new/", work_views.file_add, name="file_add"),
    path("exchanges/files/<int:pk>/", work_views.file_download, name="file_download"),
    path("exchanges/files/<int:pk>/remove/", work_views.file_remove, name="file_remove"),
    path("my-feeds/<str:token>/exchanges.ics", calendar_views.own_calendar, name="own_calendar"),
]
