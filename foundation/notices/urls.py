from django.urls import path

from foundation.notices import views

urlpatterns = [
    path("notices/", views.notice_list, name="notice-list"),
    path("notices/read/", views.notice_read_all, name="notice-read-all"),
    path("notices/settings/", views.notice_settings, name="notice-settings"),
    path("notices/settings/calendar/", views.calendar_address, name="calendar-address"),
    path("notices/<int:notice_id>/", views.notice_open, name="notice-open"),
    path("mail/stop/<str:token>/", views.mail_stop, name="mail-stop"),
    path("calendar/feed/<str:token>.ics", views.calendar_feed, name="calendar-feed"),
]
