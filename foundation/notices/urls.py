from django.urls import path

from foundation.notices import views

urlpatterns = [
    path("notices/", views.notice_list, name="notice-list"),
    path("notices/read/", views.notice_read_all, name="notice-read-all"),
    path("notices/<int:notice_id>/", views.notice_open, name="notice-open"),
]
