"""What the accounts themselves keep about a person."""

from collections.abc import Iterator

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import (
    DeletionRequest,
    OneTimeCode,
    RecoveryCode,
    SecondFactor,
    SignedInSession,
    User,
)
from foundation.accounts.personal_data import Kind, Row


def _account(person: User) -> Iterator[Row]:
    yield {
        "手机号或工号": person.username,
        "姓名": person.name,
        "邮箱": person.email,
        "建立时间": person.joined_at,
        "开通时间": person.activated_at,
        "最近登录": person.last_login,
    }


def _ways_in(person: User) -> Iterator[Row]:
    if person.has_usable_password():
        yield {"种类": "密码", "说明": "只存不可还原的摘要"}
    for factor in SecondFactor.objects.filter(person=person):
        yield {"种类": "二次验证", "时间": factor.confirmed_at, "说明": "密钥加密保存"}
    left = RecoveryCode.objects.filter(person=person).count()
    if left:
        yield {"种类": "恢复码", "说明": f"还有 {left} 个，只存摘要"}
    for code in OneTimeCode.objects.filter(person=person):
        yield {
            "种类": code.get_purpose_display(),
            "时间": code.issued_at,
            "说明": f"到 {code.expires_at:%Y-%m-%d} 有效，只存摘要",
        }
    for account in SocialAccount.objects.filter(user=person):
        yield {"种类": "统一身份认证", "时间": account.date_joined, "说明": account.uid}


def _sessions(person: User) -> Iterator[Row]:
    for session in SignedInSession.objects.filter(person=person):
        yield {
            "设备": session.device,
            "自己的电脑": session.own_computer,
            "登录时间": session.began_at,
            "最近使用": session.seen_at,
        }


def _requests(person: User) -> Iterator[Row]:
    for request in DeletionRequest.objects.filter(person=person):
        yield {"申请时间": request.asked_at, "最早办理": request.due_at}


def _forget_ways_in(person: User, successor: User | None) -> None:
    for model in (OneTimeCode, SecondFactor, RecoveryCode, SignedInSession, DeletionRequest):
        model.objects.filter(person=person).delete()
    OneTimeCode.objects.filter(issued_by=person).update(issued_by=None)
    for model in (SocialAccount, EmailAddress):
        model.objects.filter(user=person).delete()


KINDS = (
    Kind(
        key="account",
        label=_("帐号"),
        what=_("手机号或工号、姓名、邮箱（可不填），建立、开通和最近登录的时间"),
        purpose=_("登录；让同事知道是谁写的、是谁请的"),
        kept_for=_("到帐号注销"),
        after_deletion=_("全部删除，只留一个没有名字的编号"),
        rows=_account,
        models=(User,),
    ),
    Kind(
        key="ways-in",
        label=_("登录的凭据"),
        what=_("密码、二次验证、恢复码、一次性的码、统一身份认证的关联；都只存摘要或密文"),
        purpose=_("确认登录的是你本人"),
        kept_for=_("到你更换、用掉，或帐号注销"),
        after_deletion=_("全部删除"),
        rows=_ways_in,
        forget=_forget_ways_in,
        models=(
            OneTimeCode,
            SecondFactor,
            RecoveryCode,
            SocialAccount,
            SocialToken,
            EmailAddress,
            EmailConfirmation,
        ),
    ),
    Kind(
        key="sessions",
        label=_("在哪里登录着"),
        what=_("浏览器和系统的名称，登录和最近使用的时间；不存网络地址，只存看得出“是不是同一个网络”的摘要"),
        purpose=_("让你看到、退出别处的登录"),
        kept_for=_("到退出登录"),
        after_deletion=_("全部删除"),
        rows=_sessions,
        models=(SignedInSession,),
    ),
    Kind(
        key="deletion-request",
        label=_("注销申请"),
        what=_("申请的时间"),
        purpose=_("到期办理；办理前随时可以撤回"),
        kept_for=_("到撤回或办完"),
        after_deletion=_("全部删除"),
        rows=_requests,
        models=(DeletionRequest,),
    ),
)
