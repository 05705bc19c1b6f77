from django.urls import path

from exchange.conversations import comment_views, delivery_views, thread_views

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
]
