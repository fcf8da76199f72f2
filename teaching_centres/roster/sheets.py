"""The two sheets of a roster: schools, and people with what they hold. docs/administrators.md shows them."""

from types import MappingProxyType

from foundation.office.tables import Choice, Day, Phone, Sheet, Text
from teaching_centres.models import Leave, Membership, School
from teaching_centres.roles import Role

Kind = School.Kind
Urban = School.UrbanClass
EndedAs = Membership.EndedAs

MOVED_HERE = "moved_here"
ENDINGS = frozenset({EndedAs.LEFT.value, EndedAs.MOVED.value, EndedAs.RETIRED.value})
LEAVES = frozenset(Leave.Kind.values)

KINDS = MappingProxyType(
    {
        "小学": Kind.PRIMARY.value,
        "初级中学": Kind.JUNIOR.value,
        "九年一贯制学校": Kind.NINE_YEAR.value,
        "十二年一贯制学校": Kind.TWELVE_YEAR.value,
        "完全中学": Kind.COMPLETE_SECONDARY.value,
        "教学点": Kind.TEACHING_POINT.value,
        "特殊教育学校": Kind.SPECIAL.value,
        "完全小学": Kind.PRIMARY.value,
        "村小": Kind.PRIMARY.value,
        "初中": Kind.JUNIOR.value,
        "九年一贯制": Kind.NINE_YEAR.value,
        "十二年一贯制": Kind.TWELVE_YEAR.value,
        "完中": Kind.COMPLETE_SECONDARY.value,
        "小学教学点": Kind.TEACHING_POINT.value,
        "特教学校": Kind.SPECIAL.value,
        "特教": Kind.SPECIAL.value,
    }
)
URBAN = MappingProxyType(
    {
        "城区": Urban.CITY.value,
        "镇区": Urban.TOWN.value,
        "乡村": Urban.VILLAGE.value,
        "城市": Urban.CITY.value,
        "县城": Urban.TOWN.value,
        "镇": Urban.TOWN.value,
        "村": Urban.VILLAGE.value,
        "农村": Urban.VILLAGE.value,
    }
)
YES_NO = MappingProxyType(
    {
        "是": True,
        "否": False,
        "√": True,
        "✓": True,
        "有": True,
        "×": False,
        "无": False,
        "1": True,
        "0": False,
    }
)
ROLES = MappingProxyType(
    {
        "教师": Role.TEACHER.value,
        "备课组长": Role.GROUP_LEADER.value,
        "教研员": Role.RESEARCHER.value,
        "管理员": Role.ADMINISTRATOR.value,
        "督导": Role.INSPECTOR.value,
        "老师": Role.TEACHER.value,
        "任课教师": Role.TEACHER.value,
        "专任教师": Role.TEACHER.value,
        "组长": Role.GROUP_LEADER.value,
        "教研组长": Role.GROUP_LEADER.value,
        "学校管理员": Role.ADMINISTRATOR.value,
        "县管理员": Role.ADMINISTRATOR.value,
        "督学": Role.INSPECTOR.value,
    }
)
MARKS = MappingProxyType(
    {
        "离任": EndedAs.LEFT.value,
        "调出": EndedAs.MOVED.value,
        "退休": EndedAs.RETIRED.value,
        "调入": MOVED_HERE,
        "请假": Leave.Kind.LEAVE.value,
        "借调": Leave.Kind.SECONDMENT.value,
        "产假": Leave.Kind.MATERNITY.value,
        "离职": EndedAs.LEFT.value,
        "辞职": EndedAs.LEFT.value,
        "调离": EndedAs.MOVED.value,
        "病假": Leave.Kind.LEAVE.value,
        "事假": Leave.Kind.LEAVE.value,
    }
)
SUBJECTS = (
    "语文",
    "数学",
    "英语",
    "道德与法治",
    "科学",
    "物理",
    "化学",
    "生物学",
    "历史",
    "地理",
    "音乐",
    "美术",
    "体育与健康",
    "信息科技",
    "劳动",
    "综合实践活动",
)
COUNTY_HINT = "学校所在的县（市、区）。你只管一个县，可以不填。"

SCHOOLS = Sheet(
    "schools",
    "学校",
    (
        Text(
            "county",
            "县（市、区）",
            also=("县", "县区", "所在县"),
            hint=COUNTY_HINT,
            examples=("梨树县", "梨树县"),
        ),
        Text(
            "name",
            "学校名称",
            also=("校名", "学校"),
            required=True,
            longest=128,
            hint="全称，一县之内不重名。再导入时按校名认学校。",
            examples=("柳条沟乡中心小学", "北洼教学点"),
            width=28,
        ),
        Choice(
            "kind",
            "办学类型",
            also=("学校类型", "类型"),
            required=True,
            options=KINDS,
            examples=("小学", "教学点"),
            width=18,
        ),
        Choice(
            "urban_class",
            "城乡分类",
            also=("城乡",),
            required=True,
            options=URBAN,
            examples=("乡村", "乡村"),
        ),
        Text(
            "parent",
            "中心校",
            also=("所属中心校",),
            longest=128,
            hint="教学点归哪所学校管，填那所学校的名称。",
            examples=("", "柳条沟乡中心小学"),
            width=28,
        ),
        Choice(
            "is_rural_central",
            "农村中心校",
            also=("是否农村中心校",),
            options=YES_NO,
            examples=("是", "否"),
        ),
        Choice(
            "prep_point",
            "备课点",
            also=("设备课点",),
            options=YES_NO,
            hint="填“是”就设立。设在农村中心校及以上学校。",
            examples=("是", ""),
        ),
        Day("opened", "建校", also=("建校日期", "建校时间"), examples=("1956-9-1", ""), width=14),
        Text(
            "former_name",
            "原校名",
            also=("曾用名",),
            longest=128,
            hint="学校改名时填原来的名称，按它认学校。",
            width=28,
        ),
    ),
    also=("学校名单", "学校名册", "学校信息"),
)

PEOPLE = Sheet(
    "people",
    "人员",
    (
        Phone(
            "username",
            "手机号或工号",
            also=("手机号", "手机", "手机号码", "联系电话", "电话", "工号"),
            required=True,
            or_number=True,
            hint="登录用。再导入时按它认人。不要填身份证号。",
            examples=("13900000001", "13900000002"),
            width=16,
        ),
        Text(
            "name",
            "姓名",
            required=True,
            hint="和身份证一致，少数民族姓名照写。",
            examples=("（姓名）", "（姓名）"),
        ),
        Text("county", "县（市、区）", also=("县", "县区"), hint="有同名学校时才要填。", examples=("", "")),
        Text(
            "unit",
            "单位",
            also=("学校", "学校名称", "单位名称", "所在单位", "任职单位"),
            required=True,
            longest=128,
            hint="学校全称。教研员、督导和县管理员填县（市、区）名。",
            examples=("柳条沟乡中心小学", "梨树县"),
            width=28,
        ),
        Choice(
            "role",
            "角色",
            also=("职务", "身份", "岗位"),
            required=True,
            options=ROLES,
            hint="一个人有几个角色，就写几行。",
            examples=("教师", "教研员"),
        ),
        Text("subject", "学科", also=("任教学科",), longest=32, offered=SUBJECTS, examples=("语文", "语文")),
        Day(
            "starts",
            "起",
            also=("任职起", "开始", "起始日期"),
            hint="任职第一天，不填就是今天。",
            examples=("2024-9-1", "2024年9月"),
            width=14,
        ),
        Day(
            "ends",
            "止",
            also=("任职止", "结束", "截止日期"),
            month_end=True,
            hint="最后一天，还在任就空着。",
            width=14,
        ),
        Choice("mark", "变动", also=("变动情况", "异动"), options=MARKS, examples=("", "产假")),
        Day(
            "mark_on",
            "变动日期",
            also=("异动日期",),
            hint="离任、调出、退休：最后一天。调入、请假、借调、产假：第一天。",
            examples=("", "2026-3-1"),
            width=14,
        ),
        Day(
            "mark_until",
            "变动到",
            also=("变动止",),
            month_end=True,
            hint="请假、借调、产假的最后一天，不知道就空着。",
            width=14,
        ),
    ),
    also=("教师", "人员名单", "教师名单", "教师名册", "人员名册", "花名册"),
)

SHEETS = (SCHOOLS, PEOPLE)
ABOUT = (
    "名册：先填“学校”，再填“人员”。只导入其中一张也可以。黄色的列每行都要填。",
    "导入以前先给你看会新增什么、改什么；有一处错就一行也不导。",
    "没写在表里的人和学校都不动。有人离开，要在“变动”里写明，并填日期。",
)
