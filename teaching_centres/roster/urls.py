from django.urls import path

from teaching_centres.views import roster, roster_imports, roster_schools

urlpatterns = [
    path("", roster.people, name="roster"),
    path("people/new/", roster.person_new, name="roster-person-new"),
    path("people/<int:person_id>/", roster.person, name="roster-person"),
    path("people/<int:person_id>/pair/", roster.find_pair, name="roster-find-pair"),
    path("memberships/<int:membership_id>/", roster.membership, name="roster-membership"),
    path("leaves/<int:leave_id>/", roster.leave, name="roster-leave"),
    path("duplicates/", roster.duplicates, name="roster-duplicates"),
    path("duplicates/<int:one_id>/<int:other_id>/", roster.pair, name="roster-pair"),
    path("schools/", roster_schools.schools, name="roster-schools"),
    path("schools/new/", roster_schools.school_new, name="roster-school-new"),
    path("schools/<int:school_id>/", roster_schools.school, name="roster-school"),
    path("merges/<int:merge_id>/withdraw/", roster_schools.merge_withdraw, name="roster-merge-withdraw"),
    path("form.xlsx", roster_imports.form, name="roster-form"),
    path("export.xlsx", roster_imports.export, name="roster-export"),
    path("imports/", roster_imports.uploads, name="roster-imports"),
    path("imports/<uuid:import_id>/", roster_imports.upload, name="roster-import"),
    path("imports/<uuid:import_id>/state/", roster_imports.upload_state, name="roster-import-state"),
    path("imports/<uuid:import_id>/confirm/", roster_imports.confirm, name="roster-import-confirm"),
    path("imports/<uuid:import_id>/drop/", roster_imports.drop, name="roster-import-drop"),
    path("imports/<uuid:import_id>/again/", roster_imports.again, name="roster-import-again"),
]
