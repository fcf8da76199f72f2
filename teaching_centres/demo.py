"""The demo network: real divisions, invented schools and people, all of it marked so.

Units carry ·演示 in their names and everything carries `is_demo`. Every demo account has the same
password, printed at start; a province that means it starts without `--demo`.
"""

from dataclasses import dataclass, field
from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from foundation.accounts.models import User
from teaching_centres import operations
from teaching_centres.calendar import demo as calendar
from teaching_centres.models import Membership, PrepPoint, Region, School, TeachingCentre
from teaching_centres.policies import Unit
from teaching_centres.roles import Role

PASSWORD = "demo-beike-2026"
MARK = "·演示"
SINCE = date(2024, 9, 1)
Kind = School.Kind
Urban = School.UrbanClass


@dataclass(frozen=True)
class DemoSchool:
    key: str
    name: str
    county: str  # own_id of the region
    kind: str
    urban_class: str
    is_rural_central: bool = False
    central: str = ""  # key of the central school a teaching point belongs to
    prep_point: bool = False


@dataclass(frozen=True)
class DemoRole:
    role: str
    unit: str  # key of a demo school, or own_id of a region
    subject: str = ""


@dataclass(frozen=True)
class DemoPerson:
    username: str
    name: str
    shown_as: str  # what --list says about the account
    roles: tuple[DemoRole, ...]


@dataclass(frozen=True)
class Demo:
    """What was built: people by username, schools by key, regions by own_id."""

    people: dict[str, User] = field(default_factory=dict)
    schools: dict[str, School] = field(default_factory=dict)
    regions: dict[str, Region] = field(default_factory=dict)

    def unit(self, key: str) -> Unit:
        return self.schools[key] if key in self.schools else self.regions[key]


PROVINCE, SIPING, LISHU, YANBIAN, DUNHUA = "JL-220000", "JL-220300", "JL-220322", "JL-222400", "JL-222403"

CENTRES = {
    PROVINCE: "吉林省备课中心",
    SIPING: "四平市备课中心",
    LISHU: "梨树县备课中心",
    YANBIAN: "延边州备课中心",
    DUNHUA: "敦化市备课中心",
}

SCHOOLS = (
    DemoSchool("xinghua", "杏花路实验小学", LISHU, Kind.PRIMARY, Urban.TOWN, prep_point=True),
    DemoSchool("liutiao", "柳条沟乡中心小学", LISHU, Kind.PRIMARY, Urban.VILLAGE, True, prep_point=True),
    DemoSchool("beiwa", "北洼教学点", LISHU, Kind.TEACHING_POINT, Urban.VILLAGE, central="liutiao"),
    DemoSchool("yushugou", "榆树沟镇中心小学", LISHU, Kind.PRIMARY, Urban.TOWN, True, prep_point=True),
    DemoSchool("qiming", "启明初级中学", LISHU, Kind.JUNIOR, Urban.TOWN, prep_point=True),
    DemoSchool("chenguang", "晨光特殊教育学校", LISHU, Kind.SPECIAL, Urban.TOWN, prep_point=True),
    DemoSchool("songtao", "松涛街实验小学", DUNHUA, Kind.PRIMARY, Urban.CITY, prep_point=True),
    DemoSchool(
        "qingshiling", "青石岭镇九年一贯制学校", DUNHUA, Kind.NINE_YEAR, Urban.VILLAGE, True, prep_point=True
    ),
    DemoSchool("huashuchuan", "桦树川村小学", DUNHUA, Kind.PRIMARY, Urban.VILLAGE),
    DemoSchool("yunshan", "云杉路中学", DUNHUA, Kind.COMPLETE_SECONDARY, Urban.CITY, prep_point=True),
)

PEOPLE = (
    DemoPerson("wang-town", "王春燕", "县城小学语文教师", (DemoRole(Role.TEACHER, "xinghua", "语文"),)),
    DemoPerson("li-village", "李永梅", "乡村小学语文教师", (DemoRole(Role.TEACHER, "liutiao", "语文"),)),
    DemoPerson(
        "zhao-leader",
        "赵海峰",
        "县城小学语文备课组长",
        (DemoRole(Role.GROUP_LEADER, "xinghua", "语文"), DemoRole(Role.TEACHER, "xinghua", "语文")),
    ),
    DemoPerson(
        "sun-maths", "孙佳宁", "县城小学数学教师、主备人", (DemoRole(Role.TEACHER, "xinghua", "数学"),)
    ),
    DemoPerson(
        "liu-point",
        "刘德顺",
        "教学点教师，兼乡中心小学走教",
        (DemoRole(Role.TEACHER, "beiwa", "数学"), DemoRole(Role.TEACHER, "liutiao", "科学")),
    ),
    DemoPerson("ma-central", "马玉兰", "镇中心小学数学教师", (DemoRole(Role.TEACHER, "yushugou", "数学"),)),
    DemoPerson("song-junior", "宋子涵", "初中数学教师", (DemoRole(Role.TEACHER, "qiming", "数学"),)),
    DemoPerson(
        "xu-special", "许文静", "特殊教育学校教师", (DemoRole(Role.TEACHER, "chenguang", "生活语文"),)
    ),
    DemoPerson("jin-english", "金美兰", "敦化市区小学英语教师", (DemoRole(Role.TEACHER, "songtao", "英语"),)),
    DemoPerson(
        "han-leader", "韩雪梅", "敦化市区小学科学备课组长", (DemoRole(Role.GROUP_LEADER, "songtao", "科学"),)
    ),
    DemoPerson(
        "piao-village", "朴英子", "敦化乡村学校英语教师", (DemoRole(Role.TEACHER, "qingshiling", "英语"),)
    ),
    DemoPerson(
        "tian-village", "田守业", "敦化村小科学教师", (DemoRole(Role.TEACHER, "huashuchuan", "科学"),)
    ),
    DemoPerson(
        "bai-leader", "白秀兰", "乡中心小学语文备课组长", (DemoRole(Role.GROUP_LEADER, "liutiao", "语文"),)
    ),
    DemoPerson(
        "qi-leader", "齐文斌", "镇中心小学数学备课组长", (DemoRole(Role.GROUP_LEADER, "yushugou", "数学"),)
    ),
    DemoPerson("sui-leader", "隋立东", "初中数学备课组长", (DemoRole(Role.GROUP_LEADER, "qiming", "数学"),)),
    DemoPerson("wu-county", "吴晓岚", "梨树县教研员", (DemoRole(Role.RESEARCHER, LISHU, "语文"),)),
    DemoPerson("cui-county", "崔明哲", "敦化市教研员", (DemoRole(Role.RESEARCHER, DUNHUA, "英语"),)),
    DemoPerson("feng-prefecture", "冯雅琴", "四平市教研员", (DemoRole(Role.RESEARCHER, SIPING, "数学"),)),
    DemoPerson("he-province", "何静宜", "省教研员", (DemoRole(Role.RESEARCHER, PROVINCE, "语文"),)),
    DemoPerson("zhou-school", "周立新", "杏花路实验小学管理员", (DemoRole(Role.ADMINISTRATOR, "xinghua"),)),
    DemoPerson("zheng-county", "郑伟东", "梨树县管理员", (DemoRole(Role.ADMINISTRATOR, LISHU),)),
    DemoPerson("chen-prefecture", "陈国栋", "四平市管理员", (DemoRole(Role.ADMINISTRATOR, SIPING),)),
    DemoPerson("gao-province", "高振宇", "省管理员", (DemoRole(Role.ADMINISTRATOR, PROVINCE),)),
    DemoPerson("tang-inspector", "唐思远", "省督导", (DemoRole(Role.INSPECTOR, PROVINCE),)),
)


def accounts() -> list[str]:
    """One line an account, the county-town teacher first, then the village teacher."""
    return [f"demo account: {person.username} {PASSWORD} {person.shown_as}" for person in PEOPLE]


@transaction.atomic
def build() -> Demo:
    """What is missing is added, what is there is left alone: safe to run again."""
    operations.load_divisions()
    demo = Demo(regions={region.own_id: region for region in Region.objects.all()})
    for own_id, name in CENTRES.items():
        _centre(demo.regions[own_id], name + MARK)
    for school in SCHOOLS:
        demo.schools[school.key] = _school(school, demo)
    for person in PEOPLE:
        demo.people[person.username] = _person(person, demo)
    calendar.build(demo.people, demo.schools)
    return demo


def _centre(region: Region, name: str) -> None:
    if not TeachingCentre.objects.filter(region=region).exists():
        operations.open_centre(region=region, name=name, opened=SINCE, is_demo=True, actor=None)


def _school(wanted: DemoSchool, demo: Demo) -> School:
    county = demo.regions[wanted.county]
    school = School.objects.filter(county=county, name=wanted.name + MARK).first()
    if school is None:
        school = operations.create_school(
            county=county,
            name=wanted.name + MARK,
            kind=wanted.kind,
            urban_class=wanted.urban_class,
            is_rural_central=wanted.is_rural_central,
            parent=demo.schools[wanted.central] if wanted.central else None,
            is_demo=True,
            actor=None,
        )
    if wanted.prep_point and not PrepPoint.objects.filter(school=school).exists():
        operations.open_prep_point(school=school, on=SINCE, is_demo=True, actor=None)
    return school


def _person(wanted: DemoPerson, demo: Demo) -> User:
    person = User.objects.filter(username=wanted.username).first()
    if person is None:
        person = User(username=wanted.username, name=wanted.name, is_demo=True)
        validate_password(PASSWORD, person)
        person.set_password(PASSWORD)
        person.save()
    if not Membership.objects.filter(user=person).exists():
        for held in wanted.roles:
            operations.grant_membership(
                user=person,
                role=held.role,
                unit=demo.unit(held.unit),
                subject=held.subject,
                starts=SINCE,
                actor=None,
            )
    return person
