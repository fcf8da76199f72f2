"""Every address of the platform. Each app brings its own; this file only says where they hang."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
]
