from django.urls import path

from teaching_centres.calendar import converters as converters
from teaching_centres.views import calendar, timetables

OF = "timetable/schools/<int:school_id>/people/<int:person_id>/"

urlpatterns = [
    path("calendar/", calendar.own, name="calendar"),
    path("calendar/regions/<int:region_id>/", calendar.of_region, name="calendar-region"),
    path("calendar/schools/<int:school_id>/", calendar.of_school, name="calendar-school"),
    path("timetable/", timetables.own, name="timetable"),
    path("timetable/schools/<int:school_id>/", timetables.of_school, name="timetable-school"),
    path("timetable/schools/<int:school_id>/import/", timetables.import_school, name="timetable-import"),
    path("timetable/schools/<int:school_id>/form.xlsx", timetables.form_of_school, name="timetable-form"),
    path(OF, timetables.of_person, name="timetable-person"),
    path(f"{OF}cells/", timetables.cells, name="timetable-cells"),
    path(f"{OF}import/", timetables.import_person, name="timetable-person-import"),
    path(f"{OF}form.xlsx", timetables.form_of_person, name="timetable-person-form"),
    path("timetable/lessons/", timetables.lesson_go, name="lesson-go"),
    path("timetable/lessons/<int:entry_id>/<day:day>/", timetables.lesson, name="lesson-change"),
]
