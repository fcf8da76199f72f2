from django.urls import path

from lessons.reviewing import views

urlpatterns = [
    path("plans/reviews/", views.review_list, name="review-list"),
    path("plans/reviews/levels/", views.levels, name="review-levels"),
    path("plans/reviews/phrases/", views.phrase_keep, name="review-phrases"),
    path("plans/reviews/phrases/<int:phrase_id>/", views.phrase_drop, name="review-phrase"),
    path("plans/reviews/<int:submission_id>/", views.desk, name="review-desk"),
    path("plans/reviews/<int:submission_id>/recommend/", views.recommend, name="review-recommend"),
    path("plans/reviews/<int:submission_id>/forward/", views.put_forward, name="review-forward"),
    path(
        "plans/reviews/<int:submission_id>/steps/<int:step_id>/",
        views.decide,
        name="review-decide",
    ),
    path("plans/reviews/<int:submission_id>/likeness/", views.likeness, name="review-likeness"),
    path(
        "plans/reviews/<int:submission_id>/likeness/note/", views.likeness_note, name="review-likeness-note"
    ),
    path(
        "plans/reviews/<int:submission_id>/likeness/again/",
        views.likeness_again,
        name="review-likeness-again",
    ),
    path("plans/<uuid:plan_id>/reviews/", views.plan_reviews, name="plan-reviews"),
    path("plans/<uuid:plan_id>/reviews/hand-in/", views.hand_in, name="plan-hand-in"),
    path("plans/<uuid:plan_id>/reviews/take-back/", views.take_back, name="plan-take-back"),
    path("plans/<uuid:plan_id>/reviews/recommended/", views.recommendation_answer, name="plan-recommended"),
    path("plans/<uuid:plan_id>/reviews/<int:review_id>/reply/", views.reply, name="plan-review-reply"),
]
