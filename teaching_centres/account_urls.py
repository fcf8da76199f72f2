from django.urls import path

from teaching_centres.views import accounts, audit

urlpatterns = [
    path("people/accounts/", accounts.people, name="people-accounts"),
    path("people/accounts/slips/", accounts.slips, name="activation-slips"),
    path("people/<int:person_id>/account/", accounts.person, name="person-account"),
    path("audit/", audit.trail, name="audit-trail"),
    path("audit/export/", audit.export, name="audit-export"),
]
