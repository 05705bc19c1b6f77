from django.urls import path

from exchange.conversations import comment_views, delivery_views, gathering_views, group_views, thread_views

app_name = "conversations"
urlpatterns = [
    path("publications/<int:pk>/talk/", comment_views.publication_talk, name="publication_talk"),
    path("publications/<int:pk>/talk/follow/", delivery_views.publication_follow, name="publication_follow"),
    path("comments/<int:pk>/reply/", comment_views.comment_reply, name="comment_reply"),
    path("comments/<int:pk>/edit/", comment_views.comment_edit, name="comment_edit"),
    path("comments/<int:pk>/delete/", comment_views.comment_delete, name="comment_delete"),
    path("comments/<int:pk>/answer/", comment_views.comment_answer, name="comment_answer"),
    path("messages/", thread_views.thread_list, name="thread_list"),
    path("messages/new/", thread_views.thread_create, name="thread_create"),
    path("messages/<int:pk>/", thread_views.thread_detail, name="thread_detail"),
    path("messages/<int:pk>/leave/", thread_views.thread_leave, name="thread_leave"),
    path("messages/<int:pk>/follow/", delivery_views.thread_follow, name="thread_follow"),
    path("messages/settings/", delivery_views.delivery, name="delivery"),
    path("messages/stop/<str:token>/", delivery_views.leave, name="leave"),
    path("groups/", group_views.group_list, name="group_list"),
    path("groups/new/", group_views.group_create, name="group_create"),
    path("groups/<int:pk>/", group_views.group_detail, name="group_detail"),
    path("groups/<int:pk>/edit/", group_views.group_edit, name="group_edit"),
    path("groups/<int:pk>/act/", group_views.group_act, name="group_act"),
    path("groups/<int:pk>/leave/", group_views.group_leave, name="group_leave"),
    path("groups/<int:pk>/follow/", delivery_views.group_follow, name="group_follow"),
    path("groups/<int:pk>/people/", group_views.group_people, name="group_people"),
    path("groups/<int:pk>/people/<int:user>/", group_views.group_person, name="group_person"),
    path("groups/<int:pk>/discuss/", gathering_views.discussion_create, name="discussion_create"),
    path("groups/<int:pk>/files/", gathering_views.file_add, name="file_add"),
    path("groups/files/<int:pk>/", gathering_views.file_download, name="file_download"),
    path("groups/files/<int:pk>/remove/", gathering_views.file_remove, name="file_remove"),
    path("groups/<int:pk>/events/", gathering_views.group_meetings, name="group_meetings"),
    path("groups/<int:pk>/events/new/", gathering_views.event_create, name="event_create"),
    path("groups/events/<int:pk>/", gathering_views.event_edit, name="event_edit"),
    path("groups/events/<int:pk>/cancel/", gathering_views.event_cancel, name="event_cancel"),
    path("groups/events/<int:pk>/calendar.ics", gathering_views.event_file, name="event_file"),
]
