from django.urls import path

from foundation.files import views

urlpatterns = [path("files/<uuid:file_id>/", views.fetch, name="file")]
