"""Under plans/: they belong to 备课."""

from django.urls import path

from lessons.activities import views

ACTIVITY, TERM_PLAN = "activities/<uuid:activity_id>/", "terms/<uuid:term_plan_id>/"

urlpatterns = [
    path("activities/", views.activity_list, name="activity-list"),
    path("activities/export/", views.activity_export, name="activity-export"),
    path("activities/new/", views.activity_create, name="activity-create"),
    path("activities/group/", views.group_fields, name="activity-group-fields"),
    path(ACTIVITY, views.activity_page, name="activity"),
    path(ACTIVITY + "change/", views.activity_change, name="activity-change"),
    path(ACTIVITY + "move/", views.activity_move, name="activity-move"),
    path(ACTIVITY + "discard/", views.activity_discard, name="activity-discard"),
    path(ACTIVITY + "answer/", views.activity_answer, name="activity-answer"),
    path(ACTIVITY + "own/", views.activity_own, name="activity-own"),
    path(ACTIVITY + "people/", views.activity_people, name="activity-people"),
    path(ACTIVITY + "people/<int:member_id>/", views.activity_person, name="activity-person"),
    path(ACTIVITY + "lead/", views.activity_lead, name="activity-lead"),
    path(ACTIVITY + "agenda/", views.agenda_raise, name="agenda-raise"),
    path(ACTIVITY + "agenda/<int:item_id>/", views.agenda_finish, name="agenda-finish"),
    path(ACTIVITY + "export/", views.activity_people_export, name="activity-people-export"),
    path("terms/", views.term_plan_list, name="term-plan-list"),
    path("terms/new/", views.term_plan_create, name="term-plan-create"),
    path(TERM_PLAN, views.term_plan, name="term-plan"),
    path(TERM_PLAN + "units/", views.term_plan_units, name="term-plan-units"),
    path(TERM_PLAN + "schedule/", views.term_plan_schedule, name="term-plan-schedule"),
    path(TERM_PLAN + "remove/", views.term_plan_remove, name="term-plan-remove"),
    path(TERM_PLAN + "people/", views.term_plan_people, name="term-plan-people"),
    path(TERM_PLAN + "people/<int:member_id>/", views.term_plan_person, name="term-plan-person"),
    path(TERM_PLAN + "sheet/", views.term_plan_sheet, name="term-plan-sheet"),
    path(TERM_PLAN + "import/", views.term_plan_import, name="term-plan-import"),
]
