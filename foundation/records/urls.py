from django.urls import path

from foundation.records import views

urlpatterns = [
    path("tasks/<int:task_id>/", views.task, name="record-task"),
    path("<slug:kind>/<slug:subject_id>/", views.record, name="record"),
    path("<slug:kind>/<slug:subject_id>/edit/", views.edit, name="record-edit"),
    path("<slug:kind>/<slug:subject_id>/automatic/<slug:key>/", views.automatic, name="record-automatic"),
    path("<slug:kind>/<slug:subject_id>/sign/", views.sign, name="record-sign"),
    path("<slug:kind>/<slug:subject_id>/reopen/", views.reopen, name="record-reopen"),
    path("<slug:kind>/<slug:subject_id>/docx/", views.document, name="record-document"),
    path("<slug:kind>/<slug:subject_id>/<int:number>/", views.revision, name="record-revision"),
    path(
        "<slug:kind>/<slug:subject_id>/<int:number>/docx/",
        views.revision_document,
        name="record-revision-document",
    ),
]
