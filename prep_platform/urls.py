"""Every address of the platform. Each app brings its own; this file only says where they hang."""

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from prep_platform import views
from prep_platform.api import api
from prep_platform.running import views as running

urlpatterns = [
    path("", views.today, name="today"),
    path("admin/login/", views.admin_sign_in),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("health", views.health, name="health"),
    path("ready", views.ready, name="ready"),
    path("metrics", views.metrics, name="metrics"),
    path("running/", running.running, name="running"),
    path("running/guide/", running.guide, name="running-guide"),
    path("language/", login_not_required(set_language), name="language"),
    path("", include("foundation.accounts.urls")),
    path("", include("foundation.files.urls")),
    path("", include("foundation.notices.urls")),
    path("records/", include("foundation.records.urls")),
    path("", include("teaching_centres.account_urls")),
    path("roster/", include("teaching_centres.roster.urls")),
    path("", include("teaching_centres.workspace.urls")),
    path("", include("teaching_centres.calendar.urls")),
    path("", include("lessons.urls")),
]

handler400 = "prep_platform.errors.bad_request"
handler403 = "prep_platform.errors.forbidden"
handler404 = "prep_platform.errors.not_found"
handler500 = "prep_platform.errors.server_error"
