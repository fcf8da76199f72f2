from django.urls import include, path, register_converter

from lessons import views
from lessons.lineage import views as lineage
from lessons.records import views as records
from lessons.reviewing import urls as reviewing
from lessons.variants import views as variants
from lessons.word_in import views as word_in
from lessons.word_out import template_views as word_templates
from lessons.word_out import views as word_out
from lessons.workspace import views as workspace
from teaching_centres.calendar import converters as converters


class EdgeConverter:
    regex = "first|now"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(EdgeConverter, "edge")

urlpatterns = [
    path("centres/<int:centre_id>/exemplars/", workspace.exemplars, name="centre-exemplars"),
    path("centres/<int:centre_id>/exemplars/new/", workspace.choose, name="centre-exemplar-new"),
    path(
        "centres/<int:centre_id>/exemplars/<int:exemplar_id>/end/",
        workspace.remove,
        name="centre-exemplar-end",
    ),
    path("schools/<int:school_id>/plans/", workspace.school_plans, name="school-plans"),
    path("centres/<int:centre_id>/records/", records.centre_records, name="centre-records"),
    path("centres/<int:centre_id>/records/export/", records.centre_export, name="centre-records-export"),
    path("schools/<int:school_id>/records/", records.school_records, name="school-records"),
    path("schools/<int:school_id>/records/export/", records.school_export, name="school-records-export"),
    path("week/", views.week, name="week"),
    path("lessons/<day:day>/<int:period>/", views.lesson_plan, name="lesson-plan"),
    path("plans/", views.plan_list, name="plan-list"),
    path("plans/", include("lessons.activities.urls")),
    path("plans/new/", views.plan_create, name="plan-create"),
    path("plans/new/books/", views.plan_create_books, name="plan-create-books"),
    path("plans/word/", word_in.uploads, name="word-in"),
    path("plans/word/<uuid:batch>/", word_in.batch, name="word-in-batch"),
    path("plans/word/<uuid:batch>/state/", word_in.batch_state, name="word-in-state"),
    path("plans/word/<uuid:batch>/drop/", word_in.drop, name="word-in-drop"),
    path("plans/word/<uuid:batch>/<uuid:import_id>/", word_in.preview, name="word-in-preview"),
    *reviewing.urlpatterns,
    path("plans/<uuid:plan_id>/", views.plan_editor, name="plan-editor"),
    path("plans/<uuid:plan_id>/state", views.plan_state, name="plan-state"),
    path("plans/<uuid:plan_id>/book/", views.plan_book, name="plan-book"),
    path("plans/<uuid:plan_id>/word/", word_out.plan_word, name="plan-word"),
    path("plans/<uuid:plan_id>/word/file/", word_out.plan_word_file, name="plan-word-file"),
    path("plans/<uuid:plan_id>/word/pdf/", word_out.plan_pdf, name="plan-pdf"),
    path("plans/exports/", word_out.paper_jobs, name="paper-jobs"),
    path("plans/exports/new/", word_out.parcel_new, name="parcel-new"),
    path("plans/exports/<uuid:job_id>/", word_out.paper_job, name="paper-job"),
    path("plans/exports/<uuid:job_id>/state/", word_out.paper_job_state, name="paper-job-state"),
    path("plans/exports/<uuid:job_id>/file/", word_out.paper_job_file, name="paper-job-file"),
    path("plans/word-templates/", word_templates.word_templates, name="word-templates"),
    path("plans/word-templates/new/", word_templates.word_template_new, name="word-template-new"),
    path("plans/word-templates/example/", word_templates.word_template_example, name="word-template-example"),
    path("plans/word-templates/<uuid:template_id>/", word_templates.word_template, name="word-template"),
    path(
        "plans/word-templates/<uuid:template_id>/file/",
        word_templates.word_template_file,
        name="word-template-file",
    ),
    path(
        "plans/word-templates/<uuid:template_id>/preview/",
        word_templates.word_template_preview,
        name="word-template-preview",
    ),
    path(
        "plans/word-templates/<uuid:template_id>/state/",
        word_templates.word_template_state,
        name="word-template-state",
    ),
    path("plans/<uuid:plan_id>/images/", views.plan_upload, name="plan-upload"),
    path("plans/<uuid:plan_id>/agenda/", variants.plan_agenda, name="plan-agenda"),
    path("plans/<uuid:plan_id>/sharing/", views.plan_sharing, name="plan-sharing"),
    path("plans/<uuid:plan_id>/sharing/find/", views.plan_sharing_find, name="plan-sharing-find"),
    path("plans/<uuid:plan_id>/sharing/reach/", views.plan_reach, name="plan-reach"),
    path("plans/<uuid:plan_id>/sharing/invite/", views.plan_invite, name="plan-invite"),
    path("plans/<uuid:plan_id>/sharing/<int:invitation_id>/", views.plan_invitation, name="plan-invitation"),
    path("plans/<uuid:plan_id>/versions/", views.plan_versions, name="plan-versions"),
    path("plans/<uuid:plan_id>/versions/name/", views.plan_version_name, name="plan-version-name"),
    path("plans/<uuid:plan_id>/versions/<edge:edge>/state/", views.plan_edge_state, name="plan-edge-state"),
    path("plans/<uuid:plan_id>/versions/<int:version_id>/", views.plan_version, name="plan-version"),
    path(
        "plans/<uuid:plan_id>/versions/<int:version_id>/state/",
        views.plan_version_state,
        name="plan-version-state",
    ),
    path(
        "plans/<uuid:plan_id>/versions/<int:version_id>/restore/",
        views.plan_version_restore,
        name="plan-version-restore",
    ),
    path("plans/<uuid:plan_id>/lineage/", lineage.lineage, name="plan-lineage"),
    path("plans/<uuid:plan_id>/lineage/decide/", lineage.decide, name="plan-lineage-decide"),
    path("plans/<uuid:plan_id>/lineage/follow/", lineage.follow, name="plan-lineage-follow"),
    path("plans/<uuid:plan_id>/lineage/send/", lineage.send, name="plan-lineage-send"),
    path("plans/<uuid:plan_id>/lineage/origins/", lineage.plan_origins, name="plan-lineage-origins"),
    path("plans/<uuid:plan_id>/lineage/notes/<int:version_id>/", lineage.notes, name="plan-lineage-notes"),
    path(
        "plans/<uuid:plan_id>/lineage/sent/<int:contribution_id>/",
        lineage.contribution,
        name="plan-lineage-contribution",
    ),
    path("plans/<uuid:plan_id>/versions/<int:version_id>/fork/", lineage.fork, name="plan-fork"),
    path("plans/<uuid:plan_id>/compare/", views.plan_compare, name="plan-compare"),
    path("plans/<uuid:plan_id>/compare/data/", views.plan_compare_data, name="plan-compare-data"),
]
