from django.urls import path

from foundation.accounts.views import opening, own, personal_data, signing_in, single_sign_on

urlpatterns = [
    path("login/", signing_in.sign_in, name="login"),
    path("login/code/", signing_in.second_step, name="second-factor"),
    path("login/set-up/", signing_in.set_up_step, name="second-factor-set-up"),
    path("logout/", signing_in.sign_out, name="logout"),
    path("open/", opening.open_by_code, name="open-by-code"),
    path("open/password/", opening.choose_password, name="choose-password"),
    path("open/<str:token>/", opening.open_by_link, name="open-link"),
    path("forgotten/", opening.forgotten, name="forgotten"),
    path("sso/", single_sign_on.start, name="single-sign-on"),
    path("sso/<slug:provider_id>/back/", single_sign_on.back, name="openid_connect_callback"),
    path("account/", own.account, name="account"),
    path("account/password/", own.change_password, name="account-password"),
    path("account/second-factor/set-up/", own.set_up, name="account-second-factor"),
    path("account/second-factor/", own.manage_second_factor, name="account-second-factor-manage"),
    path("account/sessions/<int:session_id>/end/", own.end_session, name="account-session-end"),
    path("account/sessions/end-others/", own.end_other_sessions, name="account-sessions-end-others"),
    path("account/alive/", own.alive, name="session-alive"),
    path("account/single-sign-on/link/", single_sign_on.link, name="account-link"),
    path("account/single-sign-on/unlink/", single_sign_on.unlink, name="account-unlink"),
    path("account/data/", personal_data.overview, name="personal-data"),
    path("account/data/export/", personal_data.export, name="personal-data-export"),
    path("account/data/delete/", personal_data.ask_deletion, name="account-delete"),
    path("account/data/keep/", personal_data.withdraw_deletion, name="account-keep"),
]
