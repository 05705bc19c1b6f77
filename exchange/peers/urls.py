from django.urls import path

from exchange.peers import desk_views, peer_views, views

app_name = "peers"
urlpatterns = [
    path("peers/", peer_views.home, name="home"),
    path("peers/<slug:slug>/not-for-us/", peer_views.dismissed, name="dismissed"),
    path("peers/<slug:slug>/not-for-us/<int:pk>/take-back/", peer_views.take_back, name="take_back"),
    path("peers/<slug:slug>/not-for-us/<slug:what>/<int:pk>/", peer_views.dismiss, name="dismiss"),
    path("asks/", views.ask_list, name="ask_list"),
    path("asks/new/", views.ask_create, name="ask_create"),
    path("offers/", views.offer_list, name="offer_list"),
    path("offers/new/", views.offer_create, name="offer_create"),
    path("notices/<int:pk>/", views.notice_detail, name="notice_detail"),
    path("notices/<int:pk>/edit/", views.notice_edit, name="notice_edit"),
    path("notices/<int:pk>/close/", views.notice_close, name="notice_close"),
    path("notices/<int:pk>/reopen/", views.notice_reopen, name="notice_reopen"),
    path("demand/", desk_views.desk, name="desk"),
    path("demand/topics/", desk_views.supply, name="supply"),
    path("introductions/", desk_views.introduction_list, name="introduction_list"),
    path("introductions/new/", desk_views.introduction_create, name="introduction_create"),
    path("introductions/<int:pk>/", desk_views.introduction_detail, name="introduction_detail"),
    path("introductions/<int:pk>/answer/", desk_views.introduction_answer, name="introduction_answer"),
    path("introductions/<int:pk>/withdraw/", desk_views.introduction_withdraw, name="introduction_withdraw"),
]
