"""What goes on in the demo's 梨树县: invented tasks, notices, help, pairing and visits, all of it marked."""

from datetime import date, timedelta

from django.utils import timezone

from foundation.accounts.models import User
from teaching_centres.demo import LISHU, PROVINCE, SINCE, SIPING, Demo
from teaching_centres.models import School, TeachingCentre
from teaching_centres.workspace import operations
from teaching_centres.workspace.audiences import Audience
from teaching_centres.workspace.models import (
    Expertise,
    LineMeasurement,
    PairingActivity,
    SupportTicket,
    Task,
    TaskReceiver,
    Visit,
)

Grade = Expertise.Grade
Kind = PairingActivity.Kind


def build(demo: Demo, plan_of_village: str = "") -> None:
    """Once: a province that has tasks already is left as it is. `plan_of_village`: a plan to attach, "kind:id"."""
    if Task.objects.exists():
        return
    today = timezone.localdate()
    _grades(demo)
    _tasks(demo, today, plan_of_village)
    _circulars(demo)
    _support(demo, today)
    _pairing(demo, today)
    _visits(demo, today)
    _lines(demo)


def _centre(demo: Demo, own_id: str) -> TeachingCentre:
    return TeachingCentre.objects.select_related("region").get(region=demo.regions[own_id])


def _grades(demo: Demo) -> None:
    province, prefecture, county = (demo.regions[key] for key in (PROVINCE, SIPING, LISHU))
    rows = (
        ("wang-town", Grade.BACKBONE, province, "语文", "gao-province", date(2023, 9, 1), None),
        ("wang-town", Grade.BACKBONE, county, "语文", "zheng-county", date(2019, 9, 1), date(2023, 8, 31)),
        ("zhao-leader", Grade.LEADER, prefecture, "语文", "chen-prefecture", date(2024, 3, 1), None),
        ("sun-maths", Grade.BACKBONE, county, "数学", "zheng-county", date(2024, 9, 1), None),
        ("bai-leader", Grade.BACKBONE, county, "语文", "zheng-county", date(2025, 9, 1), None),
        ("he-province", Grade.SPECIAL, province, "语文", "gao-province", date(2016, 9, 1), None),
    )
    for name, grade, region, subject, by, starts, ends in rows:
        operations.grant_expertise(
            person=demo.people[name],
            grade=grade,
            region=region,
            subject=subject,
            starts=starts,
            ends=ends,
            is_demo=True,
            actor=demo.people[by],
        )


def _tasks(demo: Demo, today: date, plan_of_village: str) -> None:
    wu = demo.people["wu-county"]
    centre = _centre(demo, LISHU)
    links = [plan_of_village] if plan_of_village else []
    task = operations.give_task(
        centre=centre,
        title="每校交一份二次备课的个案",
        expected="从县里公开的教案里选一课，改成自己班用的，写清改了哪里、为什么改。\n每校一份，附上教案。",
        due=today + timedelta(days=9),
        audience=Audience(schools=True),
        is_demo=True,
        actor=wu,
    )
    _hand_in(
        task, demo.schools["liutiao"], demo.people["bai-leader"], "改了第二环节：先看实物，再读课文。", links
    )
    _hand_in(task, demo.schools["xinghua"], demo.people["zhao-leader"], "三年级组一起改的，作业分了两层。")
    _hand_in(task, demo.schools["yushugou"], demo.people["qi-leader"], "交了。")
    operations.judge(
        receiver=_part(task, demo.schools["xinghua"]), verdict="accepted", reason="两层作业好用。", actor=wu
    )
    operations.judge(
        receiver=_part(task, demo.schools["yushugou"]),
        verdict="returned",
        reason="请附上教案，写清改了哪几处。",
        actor=wu,
    )
    operations.begin_task(receiver=_part(task, demo.schools["qiming"]), actor=demo.people["sui-leader"])
    operations.give_task(
        centre=centre,
        title="报一名愿意送教的老师",
        expected="写姓名、学科、哪几周可以。",
        due=today + timedelta(days=3),
        audience=Audience(schools=True, side="town"),
        is_demo=True,
        actor=wu,
    )
    operations.give_task(
        centre=_centre(demo, SIPING),
        title="各县报送教研员下乡计划",
        expected="写清去哪些学校、几次、帮什么。",
        due=today + timedelta(days=12),
        audience=Audience(centres=True),
        is_demo=True,
        actor=demo.people["feng-prefecture"],
    )


def _hand_in(task: Task, school: School, who: User, text: str, links: list[str] | None = None) -> None:
    operations.hand_in(receiver=_part(task, school), text=text, links=links or [], actor=who)


def _part(task: Task, school: School) -> TaskReceiver:
    rows = TaskReceiver.objects.select_related("task__centre__region", "school__county")
    return rows.get(task=task, school=school)


def _circulars(demo: Demo) -> None:
    circular = operations.send_circular(
        centre=_centre(demo, LISHU),
        title="第六单元集体备课的时间",
        text="三年级语文第六单元，周三下午第三节一起备。\n先看公开的教案，带上想改的地方。",
        audience=Audience(schools=True, with_point=False),
        roles=["teacher", "group_leader", "administrator"],
        is_demo=True,
        actor=demo.people["wu-county"],
    )
    for name in ("zhao-leader", "wang-town", "bai-leader", "ma-central"):
        operations.read_circular(circular=circular, actor=demo.people[name])


def _support(demo: Demo, today: date) -> None:
    wu, li, wang = (demo.people[name] for name in ("wu-county", "li-village", "wang-town"))
    liutiao, beiwa = demo.schools["liutiao"], demo.schools["beiwa"]
    operations.list_school(
        centre=_centre(demo, LISHU),
        school=liutiao,
        reason="语文只有一位老师，带三个年级；先帮到学期末，每月送教一次。",
        ends=today + timedelta(days=120),
        is_demo=True,
        actor=wu,
    )
    asked = operations.open_ticket(
        school=liutiao,
        need="三年级习作不会讲评，想要一节能看的课，最好说说怎么一对一改。",
        subject="语文",
        is_demo=True,
        actor=li,
    )
    operations.take_ticket(
        ticket=asked,
        assigned_to=wang,
        until=today + timedelta(days=6),
        text="你们班刚上过，带上学生的稿子。",
        actor=wu,
    )
    operations.answer_ticket(ticket=asked, text="周四下午到校，上一节讲评课，再一起改五份。", actor=wang)
    late = operations.open_ticket(
        school=beiwa,
        need="复式班数学，二年级和三年级同一节课怎么排，想看一份排好的教案。",
        subject="数学",
        urgency=SupportTicket.Urgency.URGENT,
        is_demo=True,
        actor=demo.people["liu-point"],
    )
    operations.take_ticket(ticket=late, assigned_to=wu, until=today, actor=wu)
    overdue = {"until": today - timedelta(days=2), "opened_at": timezone.now() - timedelta(days=8)}
    SupportTicket.objects.filter(pk=late.pk).update(**overdue)


def _pairing(demo: Demo, today: date) -> None:
    pairing = operations.start_pairing(
        town=demo.schools["xinghua"],
        village=demo.schools["liutiao"],
        plan="每月一起备一课，轮流主备。\n城里的老师每学期到乡里上两次课；乡里的老师带学生写的家乡素材来。",
        starts=SINCE,
        is_demo=True,
        actor=demo.people["wu-county"],
    )
    done = (
        (40, Kind.PREPARED, "一起备《山行》，定了共案", "town", 2, 2, "zhao-leader"),
        (26, Kind.LESSON, "到柳条沟上习作讲评课", "town", 11, 1, "zhao-leader"),
        (19, Kind.MATERIAL, "给了秋天山里的树叶和照片，三个班都用上了", "village", 3, None, "bai-leader"),
        (5, Kind.RESEARCH, "讲小班怎样一对一改作文", "village", 6, 1, "bai-leader"),
    )
    for ago, kind, title, giver, people, hours, by in done:
        operations.log_activity(
            pairing=pairing,
            day=today - timedelta(days=ago),
            kind=kind,
            title=title,
            giver=giver,
            people=people,
            hours=hours,
            actor=demo.people[by],
        )


def _visits(demo: Demo, today: date) -> None:
    xinghua, liutiao = demo.schools["xinghua"], demo.schools["liutiao"]
    zhao, wu = demo.people["zhao-leader"], demo.people["wu-county"]
    confirmed = operations.register_visit(
        kind=Visit.Kind.SENT,
        person=demo.people["wang-town"],
        origin=xinghua,
        to_school=liutiao,
        starts=today - timedelta(days=26),
        ends=today - timedelta(days=26),
        subject="语文",
        hours=1,
        note="习作讲评课",
        is_demo=True,
        actor=zhao,
    )
    operations.decide_visit(visit=confirmed, state="confirmed", actor=demo.people["bai-leader"])
    operations.register_visit(
        kind=Visit.Kind.TRAVELLING,
        person=demo.people["liu-point"],
        origin=demo.schools["beiwa"],
        to_school=liutiao,
        starts=today - timedelta(days=60),
        ends=today + timedelta(days=60),
        subject="科学",
        hours=34,
        note="每周两节",
        is_demo=True,
        actor=wu,
    )
    operations.register_visit(
        kind=Visit.Kind.SENT,
        person=wu,
        origin=demo.regions[LISHU],
        to_school=liutiao,
        starts=today + timedelta(days=5),
        ends=today + timedelta(days=5),
        subject="语文",
        hours=2,
        is_demo=True,
        actor=wu,
    )


def _lines(demo: Demo) -> None:
    """A month of a town line and of a village line; the village's was down twice."""
    now = timezone.now()
    speeds = {"xinghua": (8200, 7900, 8600, 8100, 7400), "liutiao": (1350, 900, 1100, 640, 1420)}
    rows = [
        LineMeasurement(
            school=demo.schools[key],
            at=now - timedelta(days=27 - 2 * number, hours=3),
            kind=LineMeasurement.Kind.IDLE,
            down_kbit=kbit[number % 5],
            latency_ms=90 if key == "xinghua" else 420 + 110 * (number % 5),
            is_demo=True,
        )
        for key, kbit in speeds.items()
        for number in range(13)
    ]
    rows += [
        LineMeasurement(
            school=demo.schools["liutiao"],
            at=now - timedelta(days=days),
            kind=LineMeasurement.Kind.OUTAGE,
            is_demo=True,
        )
        for days in (16, 8)
    ]
    LineMeasurement.objects.bulk_create(rows)
