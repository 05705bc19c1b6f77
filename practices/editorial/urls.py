from django.urls import path

from practices.editorial import assessing_views, desk_views, history_views, review_views, views

app_name = "editorial"
urlpatterns = [
    path("write/", views.my_work, name="my_work"),
    path("write/new/", views.publication_create, name="publication_create"),
    path("publications/<int:pk>/revise/", views.publication_revise, name="publication_revise"),
    path("publications/<int:pk>/becomes-practice/", views.project_continue, name="project_continue"),
    path("publications/<int:pk>/responsible/", views.publication_assign, name="publication_assign"),
    path("publications/<int:pk>/history/", history_views.publication_history, name="publication_history"),
    path("publications/<int:pk>/history/<int:version>/", history_views.publication_version, name="publication_version"),
    path("publications/<int:pk>/history/<int:version>/restore/", history_views.version_restore, name="version_restore"),
    path("revisions/<int:pk>/presence/<slug:step>/", views.revision_presence, name="revision_presence"),
    path("revisions/<int:pk>/", views.revision_edit, name="revision_edit"),
    path("revisions/<int:pk>/submit/", views.revision_submit, name="revision_submit"),
    path("revisions/<int:pk>/withdraw/", views.revision_withdraw, name="revision_withdraw"),
    path("revisions/<int:pk>/review/", review_views.revision_review, name="revision_review"),
    path("revisions/<int:pk>/take/", review_views.revision_take, name="revision_take"),
    path("revisions/<int:pk>/give-back/", desk_views.revision_give_back, name="revision_give_back"),
    path("revisions/<int:pk>/assign/", desk_views.revision_assign, name="revision_assign"),
    path("revisions/<int:pk>/hand-over/", desk_views.revision_hand_over, name="revision_hand_over"),
    path("revisions/<int:pk>/notes/", desk_views.note_add, name="note_add"),
    path("revisions/<int:pk>/messages/", desk_views.remark_add, name="remark_add"),
    path("revisions/<int:pk>/<slug:step>/", views.revision_edit, name="revision_edit"),
    path("review/", review_views.queue, name="queue"),
    path("assessments/", assessing_views.my_assessments, name="my_assessments"),
    path("assessments/<int:pk>/", assessing_views.assessment, name="assessment"),
    path("assessments/<int:pk>/decline/", assessing_views.assessment_decline, name="assessment_decline"),
    path("assessments/<int:pk>/withdraw/", assessing_views.assessment_withdraw, name="assessment_withdraw"),
    path("publications/<int:pk>/trust/", assessing_views.publication_trust, name="publication_trust"),
    path("publications/<int:pk>/trust/invite/", assessing_views.expert_invite, name="expert_invite"),
    path("publications/<int:pk>/trust/recommend/", assessing_views.publication_recommend, name="publication_recommend"),
    path(
        "publications/<int:pk>/trust/not-recommended/",
        assessing_views.recommendation_take_back,
        name="recommendation_take_back",
    ),
    path("publications/<int:pk>/trust/verify/", assessing_views.publication_verify, name="publication_verify"),
    path(
        "publications/<int:pk>/trust/not-verified/",
        assessing_views.verification_take_back,
        name="verification_take_back",
    ),
    path("publications/<int:pk>/trust/notes/", assessing_views.publication_note_add, name="publication_note_add"),
]
