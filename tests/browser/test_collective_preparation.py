"""One lesson prepared together from the call to the reflection, by six people of three schools in two counties.

Each step is a function that leaves the activity where the next one takes it up.
"""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import docx
import pytest
from playwright.sync_api import Locator, Page, expect

from foundation.accounts.models import User
from lessons.activities.models import PrepActivity
from lessons.models import LessonPlan
from teaching_centres.roles import Role
from tests.browser.test_discussion import SELECT, card
from tests.browser.test_lineage import done, name_version, offer, section
from tests.browser.test_variants import TOWN, VILLAGE, way
from tests.factories import (
    make_centre,
    make_member,
    make_region_tree,
    make_school,
    make_teacher,
    make_template,
    make_textbook,
    make_village_school,
)

THEME, LESSON = "怎样带学生读出景色的美", "美丽的小兴安岭"
WRITES, COMMENTS, READS = "已保存", "能批注", "只能看"
NOT_FOUND, DENIED = 404, 403


@dataclass
class Story:
    """The people, each with a page in a browser of their own."""

    page_of: Callable[..., Page]
    leader: User
    lead: User
    village: User
    second: User
    """Another teacher of the village school, who declines."""
    far: User
    """In town, in the other county."""
    researcher: User
    stranger: User
    pages: dict[int, Page] = field(default_factory=dict)

    def page(self, person: User) -> Page:
        if person.pk not in self.pages:
            self.pages[person.pk] = self.page_of(person)
        return self.pages[person.pk]

    @property
    def activity(self) -> PrepActivity:
        return PrepActivity.objects.get()

    @property
    def plan_path(self) -> str:
        return f"/plans/{self.activity.plan_id}/"

    def at_activity(self, person: User) -> Page:
        page = self.page(person)
        page.goto(f"/plans/activities/{self.activity.pk}/")
        expect(page.get_by_role("heading", name=THEME)).to_be_visible()
        return page

    def at_plan(self, person: User, access: str) -> Page:
        return opened(self.page(person), self.plan_path, access)

    def own_of(self, person: User) -> LessonPlan:
        return LessonPlan.objects.get(owner=person, fork__upstream=self.activity.plan_id)


@pytest.fixture
def story(live: Any, page_of: Callable[..., Page]) -> Story:
    tree = make_region_tree()
    make_template(tree.province)
    make_centre(tree.county)
    make_textbook().units.create(number=6, title="祖国之美")
    town = make_school(tree.county, name="第一实验小学")
    village = make_village_school(tree.county, name="松岭乡青山小学")
    far = make_school(tree.sibling_county, name="向阳小学")
    return Story(
        page_of,
        leader=make_member(town, Role.GROUP_LEADER, name="周敏"),
        lead=make_teacher(town, name="王秀兰"),
        village=make_teacher(village, name="李国强"),
        second=make_teacher(village, name="孙玉梅"),
        far=make_teacher(far, name="赵晓峰"),
        researcher=make_member(tree.county, Role.RESEARCHER, name="吴教研员"),
        stranger=make_teacher(tree.far_school, name="局外人"),
    )


def test_a_lesson_is_prepared_together_from_the_call_to_the_reflection(story: Story) -> None:
    the_leader_calls(story)
    each_is_told_what_is_expected(story)
    who_is_not_called_stays_outside(story)
    the_lead_preparer_writes_the_first_draft(story)
    members_only_read_the_first_draft(story)
    the_first_draft_is_handed_in(story)
    two_write_at_once(story)
    words_are_commented_on_and_a_question_is_settled(story)
    a_pair_of_ways_goes_on_the_agenda(story)
    the_plan_is_settled(story)
    two_receive_it(story)
    one_declines_with_a_reason(story)
    members_no_longer_write_the_settled_plan(story)
    two_make_their_own(story)
    one_sends_a_change_back(story)
    the_lead_preparer_takes_it_with_credit(story)
    a_new_version_is_offered_one_accepts_one_declines(story)
    the_reflection_is_written_and_handed_in(story)
    it_is_reviewed_and_answered(story)
    it_is_recommended_with_the_consent_of_its_author(story)
    the_record_has_filled_itself_and_is_signed(story)
    record_and_plan_come_down_as_word(story)
    the_activity_is_closed(story)


# ---- what the steps share ---------------------------------------------------------------------


def opened(page: Page, path: str, access: str) -> Page:
    page.goto(path)
    expect(page.locator("#editor .ProseMirror")).to_be_visible()
    expect(page.locator("#save")).to_contain_text(access)
    return page


def line(page: Page, key: str, words: str = "") -> Locator:
    found = section(page, key).locator(".sec-body p")
    return (found.filter(has_text=words) if words else found).first


def write(page: Page, key: str, words: str, *, after: str = "") -> None:
    line(page, key, after).click()
    page.keyboard.press("End")
    page.keyboard.type(words)
    expect(section(page, key)).to_contain_text(words)
    expect(page.locator("#save")).to_contain_text(WRITES)


def try_to_type(page: Page, key: str) -> None:
    """What someone types who may not is not there."""
    expect(page.locator("#editor .ProseMirror")).to_have_attribute("contenteditable", "false")
    line(page, key).click()
    page.keyboard.type("不该进来的字")
    expect(page.locator("#editor")).not_to_contain_text("不该进来的字")


def choose(page: Page, key: str, words: str) -> None:
    line(page, key, words).click()
    assert page.evaluate(SELECT, [f"section.sec[data-key={key}] .sec-body p", words])


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def told(page: Page, *words: str) -> None:
    """It stands in the person's notices, and the bell counts it."""
    page.goto("/notices/")
    expect(page.get_by_role("link", name=re.compile("条新消息"))).to_be_visible()
    for each in words:
        expect(page.locator("#main").get_by_text(each).first).to_be_visible()


def on_today(page: Page, what: str) -> None:
    page.goto("/")
    waiting = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=what))
    expect(waiting.filter(has_text=THEME)).to_be_visible()


def stage(page: Page, name: str) -> None:
    expect(page.locator("[aria-current=step]")).to_contain_text(name)


def answer_to(page: Page, path: str) -> int:
    answer = page.goto(path)
    assert answer is not None
    return answer.status


def sent(page: Page, path: str, **fields: str) -> int:
    """What the server answers to a form that the page does not offer."""
    return page.evaluate(
        """async ([path, fields]) => {
            const body = new FormData()
            body.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value)
            for (const [name, value] of Object.entries(fields)) body.append(name, value)
            return (await fetch(path, { method: "POST", body })).status
        }""",
        [path, fields],
    )


# ---- 1: the call ---------------------------------------------------------------------


def the_leader_calls(story: Story) -> None:
    page = story.page(story.leader)
    page.goto("/plans/activities/")
    page.get_by_role("link", name="发起活动").click()
    page.get_by_label("主题", exact=True).fill(THEME)
    page.get_by_label("学段").select_option(label="小学")
    page.get_by_label("学科").select_option(label="语文")
    page.get_by_label("年级").select_option(label="三年级")
    page.get_by_label("单元").select_option(label="6 祖国之美")
    page.get_by_label("课题").fill(LESSON)
    page.get_by_label("要求").fill("看看没有投影怎么上")
    press(page, "下一步：请人")
    for name in (story.lead.name, story.far.name):
        find_to_call(page, name)
        page.get_by_role("button", name=re.compile(f"请.*{name}")).click()
        expect(page.get_by_text(f"请了{name}，新加 1 人")).to_be_visible()
    find_to_call(page, "青山")
    page.get_by_role("button", name=re.compile("请这所学校.*青山")).click()
    expect(page.get_by_text("新加 2 人")).to_be_visible()
    page.get_by_role("button", name=re.compile(f"请来主备.*{story.lead.name}")).click()
    expect(page.locator("aside")).to_contain_text(story.lead.name)
    page.get_by_role("link", name="请好了，下一步").click()
    # a draft is nobody else's
    assert answer_to(story.page(story.lead), f"/plans/activities/{story.activity.pk}/") == NOT_FOUND
    press(page, "发起")
    stage(page, "初备")


def find_to_call(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    expect(page.locator("#found")).to_contain_text(words)


def each_is_told_what_is_expected(story: Story) -> None:
    lead = story.page(story.lead)
    told(lead, f"{story.leader.name}请你主备《{THEME}》")
    on_today(lead, "写初稿，写好交集研")
    for person in (story.village, story.second, story.far):
        page = story.page(person)
        told(page, f"{story.leader.name}请你参加集体备课《{THEME}》")
        on_today(page, "看要求，准备集研")


def who_is_not_called_stays_outside(story: Story) -> None:
    path = f"/plans/activities/{story.activity.pk}/"
    stranger = story.page(story.stranger)
    for each in (path, story.plan_path, f"/records/prep-activity/{story.activity.pk}/"):
        assert answer_to(stranger, each) == NOT_FOUND
    stranger.goto("/plans/activities/")
    assert sent(stranger, f"{path}move/", do="hand_in") == NOT_FOUND
    # whoever reviews in the county sees that it is going on, and neither reads nor writes the plan
    reviewer = story.at_activity(story.researcher)
    expect(reviewer.get_by_text("共案是参加的老师的")).to_be_visible()
    assert sent(reviewer, f"{path}move/", do="hand_in") == DENIED
    assert sent(reviewer, f"{path}agenda/", text="插一个议题") == DENIED
    assert answer_to(reviewer, story.plan_path) == NOT_FOUND
    assert story.activity.stage == PrepActivity.Stage.FIRST_DRAFT
    assert not story.activity.agenda.exists()


# ---- 2: the first draft ---------------------------------------------------------------------


def the_lead_preparer_writes_the_first_draft(story: Story) -> None:
    page = story.at_activity(story.lead)
    page.get_by_role("link", name="去写共案").click()
    expect(page.locator("#save")).to_contain_text(WRITES)
    write(page, "goals", "按四季顺序说清小兴安岭的景色")
    write(page, "pupil_analysis", "学生没见过大森林")
    write(page, "key_points", "抓住关键词句想象画面")
    page.keyboard.press("Enter")
    page.keyboard.type("背诵第二自然段")
    write(page, "board", "春夏秋冬")
    # the leader writes beside them
    leader = story.at_plan(story.leader, WRITES)
    write(leader, "methods", "先读后议")
    expect(section(page, "methods")).to_contain_text("先读后议")


def members_only_read_the_first_draft(story: Story) -> None:
    page = story.at_plan(story.village, READS)
    expect(section(page, "goals")).to_contain_text("按四季顺序说清小兴安岭的景色")
    try_to_type(page, "goals")
    path = f"/plans/activities/{story.activity.pk}/"
    page = story.at_activity(story.village)
    expect(page.get_by_role("button", name="交初稿，开始集研")).to_have_count(0)
    assert sent(page, f"{path}move/", do="hand_in") == DENIED


def the_first_draft_is_handed_in(story: Story) -> None:
    page = story.at_activity(story.lead)
    press(page, "交初稿，开始集研")
    stage(page, "集研")
    village = story.page(story.village)
    told(village, f"《{THEME}》的初稿好了")
    on_today(village, "参加集研：看、改、批注")


# ---- 3: the study ---------------------------------------------------------------------


def two_write_at_once(story: Story) -> None:
    village, far = story.at_plan(story.village, WRITES), story.at_plan(story.far, WRITES)
    line(village, "key_points", "抓住关键词句").click()
    village.keyboard.press("End")
    line(far, "key_points", "背诵第二自然段").click()
    far.keyboard.press("End")
    for left, right in zip("，闭上眼睛听", "，同桌互相听", strict=True):
        village.keyboard.type(left)
        far.keyboard.type(right)
    for page in (village, far):
        expect(section(page, "key_points")).to_contain_text("抓住关键词句想象画面，闭上眼睛听")
        expect(section(page, "key_points")).to_contain_text("背诵第二自然段，同桌互相听")
        expect(page.locator("#save")).to_contain_text(WRITES)


def words_are_commented_on_and_a_question_is_settled(story: Story) -> None:
    village, far, lead = (
        story.page(story.village),
        story.page(story.far),
        story.at_plan(story.lead, WRITES),
    )
    comment(village, "board", "春夏秋冬", "板书再加一条箭头")
    comment(village, "methods", "先读后议", "没有投影，怎么看四季？", as_question=True)
    for page in (far, lead):
        anchor(page, 1).click()
        expect(card(page, "板书再加一条箭头")).to_be_visible()
    say(far, 2, "写观点", "带挂图，先看实物", "发表")
    expect(card(far, "带挂图")).to_contain_text("观点")
    # the consensus is written by who leads, not by who takes part
    expect(far.locator("#side").get_by_role("button", name="写共识")).to_have_count(0)
    anchor(lead, 2).click()
    expect(card(lead, "带挂图")).to_be_visible()
    say(lead, 2, "写共识", "教学点用挂图和树叶", "定下")
    anchor(village, 2).click()
    expect(village.locator(".anno-consensus")).to_contain_text("教学点用挂图和树叶")


def comment(page: Page, key: str, words: str, text: str, *, as_question: bool = False) -> None:
    expect(page.locator("#side .anno-head")).to_be_attached()
    choose(page, key, words)
    page.keyboard.press("Control+Alt+m")
    draft = page.locator(".anno-draft")
    expect(draft.locator(".anno-about")).to_have_text(f"“{words}”")
    draft.locator("textarea").fill(text)
    if as_question:
        draft.get_by_role("button", name="问题").click()
    draft.get_by_role("button", name="发表").click()
    expect(draft).to_have_count(0)


def anchor(page: Page, number: int) -> Locator:
    """The words of the plan that the thread of this number is about; another's caret may stand in them."""
    return page.locator(f"#editor .anno[data-number='{number}']")


def say(page: Page, number: int, what: str, text: str, button: str) -> None:
    anchor(page, number).click()
    page.locator("#side").get_by_role("button", name=what).click()
    page.locator(".say textarea").fill(text)
    page.locator(".say").get_by_role("button", name=button).click()
    expect(page.locator(".say textarea")).to_have_count(0)


def a_pair_of_ways_goes_on_the_agenda(story: Story) -> None:
    page = story.page(story.village)
    line(page, "preparation").click()
    way(page, "放一对：城镇班、乡村班")
    page.keyboard.type("看一段短片")
    pair = section(page, "preparation")
    expect(pair.locator(TOWN)).to_contain_text("看一段短片")
    pair.locator(f"{VILLAGE} p").click()
    page.keyboard.type("摸一摸树叶")
    expect(pair.locator(VILLAGE)).to_contain_text("摸一摸树叶")
    expect(page.locator("#save")).to_contain_text(WRITES)
    way(page, "放进集研议程")
    expect(page.locator("#toasts")).to_contain_text("放进议程了")
    lead = story.at_activity(story.lead)
    agenda = lead.get_by_role("region", name="议题")
    agenda.get_by_text("看两边的做法").click()
    expect(agenda).to_contain_text("看一段短片")
    expect(agenda).to_contain_text("摸一摸树叶")
    agenda.get_by_role("button", name="议过").click()
    expect(lead.get_by_role("region", name="议题").locator(".chip-ok")).to_have_text("议过")


# ---- 4: settled ---------------------------------------------------------------------


def the_plan_is_settled(story: Story) -> None:
    watching = story.at_plan(story.second, WRITES)
    page = story.at_activity(story.lead)
    press(page, "定稿，发给大家")
    stage(page, "定稿")
    expect(page.get_by_role("link", name="第1版 定稿")).to_be_visible()
    # who has it open is told by the page at once
    expect(watching.locator("#save")).to_contain_text(COMMENTS)
    for person in (story.village, story.second, story.far):
        told(story.page(person), f"《{THEME}》定稿了，接收后做你的个案")


def two_receive_it(story: Story) -> None:
    for person in (story.village, story.far):
        page = story.page(person)
        on_today(page, "接收共案")
        page.get_by_role("link", name="接收共案").click()
        press(page, "接收共案")
        expect(page.get_by_role("button", name="做我的个案")).to_be_visible()


def one_declines_with_a_reason(story: Story) -> None:
    page = story.at_activity(story.second)
    page.get_by_text("这次不接收").click()
    page.get_by_label("为什么不接收").fill(" ")
    press(page, "不接收")
    expect(page.get_by_text("写一句原因")).to_be_visible()
    page.get_by_text("这次不接收").click()
    page.get_by_label("为什么不接收").fill("教材版本不同")
    press(page, "不接收")
    expect(page.get_by_text("不接收：教材版本不同").first).to_be_visible()
    leader = story.page(story.leader)
    told(leader, f"{story.second.name}不接收共案：《{THEME}》，教材版本不同")
    # why concerns those who run the activity, nobody else
    expect(story.at_activity(story.leader).locator("#main")).to_contain_text("教材版本不同")
    expect(story.at_activity(story.far).locator("#main")).not_to_contain_text("教材版本不同")


def members_no_longer_write_the_settled_plan(story: Story) -> None:
    page = story.at_plan(story.far, COMMENTS)
    page.keyboard.press("Control+Home")
    page.keyboard.type("不该进来的字")
    expect(page.locator("#editor")).not_to_contain_text("不该进来的字")
    comment(page, "goals", "四季顺序", "课堂上再分小组")
    expect(card(page, "课堂上再分小组")).to_be_visible()
    page = story.at_activity(story.far)
    assert sent(page, f"/plans/activities/{story.activity.pk}/move/", do="start_own") == DENIED


# ---- 5: own versions ---------------------------------------------------------------------


def two_make_their_own(story: Story) -> None:
    for person in (story.village, story.far):
        page = story.at_activity(person)
        press(page, "做我的个案")
        expect(page.locator("#save")).to_contain_text(WRITES)
        expect(section(page, "goals")).to_have_attribute("data-origin", "来自共案第1版 定稿")
    leader = story.at_activity(story.leader)
    stage(leader, "个案")
    expect(leader.get_by_text("2 人接收，2 人做了个案").first).to_be_visible()
    # an own version is its owner's
    assert answer_to(story.page(story.far), f"/plans/{story.own_of(story.village).pk}/") == NOT_FOUND


def one_sends_a_change_back(story: Story) -> None:
    own = story.own_of(story.village)
    page = opened(story.page(story.village), f"/plans/{own.pk}/", WRITES)
    write(page, "pupil_analysis", "，村里孩子天天见山")
    page.goto(f"/plans/{own.pk}/lineage/")
    page.get_by_role("link", name="把我的改法提给共案").click()
    page.get_by_label("学情分析").check()
    page.locator("#id_remark").fill("先带一片树叶，话就多了")
    press(page, "提给主备人")
    expect(page.locator(".sent")).to_contain_text("等回复")


def the_lead_preparer_takes_it_with_credit(story: Story) -> None:
    lead = story.page(story.lead)
    told(lead, f"你的共案《{LESSON}》有 1 处改法等你看")
    lead.goto(f"{story.plan_path}lineage/")
    sent_in = offer(lead, "学情分析")
    expect(sent_in).to_contain_text(f"{story.village.name}（松岭乡青山小学）")
    expect(sent_in).to_contain_text("先带一片树叶，话就多了")
    sent_in.get_by_role("button", name=re.compile("^采用")).click()
    expect(lead.locator(".notices")).to_contain_text("写进共案了")
    lead = story.at_plan(story.lead, WRITES)
    expect(section(lead, "pupil_analysis")).to_contain_text("学生没见过大森林，村里孩子天天见山")
    credit = re.compile(f"{story.village.name}（松岭乡青山小学）提的")
    expect(section(lead, "pupil_analysis")).to_have_attribute("data-origin", credit)
    author = story.page(story.village)
    author.reload()
    expect(author.locator(".sent .chip-ok")).to_contain_text("采用")


def a_new_version_is_offered_one_accepts_one_declines(story: Story) -> None:
    lead = story.page(story.lead)
    write(lead, "board", "，松鼠散步")
    name_version(lead, "课后修订")

    village = story.page(story.village)
    village.goto(f"/plans/{story.own_of(story.village).pk}/lineage/")
    expect(offer(village, "学情分析")).to_have_count(0)  # it is their own
    offer(village, "板书设计").get_by_role("button", name="采用", exact=True).click()
    expect(done(village, "板书设计")).to_contain_text("采用")

    far = story.page(story.far)
    far.goto(f"/plans/{story.own_of(story.far).pk}/lineage/")
    declined = offer(far, "板书设计")
    declined.locator("summary").click()
    declined.locator("input[name=reason]").fill("我班不用板画")
    declined.get_by_role("button", name="不采用").click()
    expect(done(far, "板书设计")).to_contain_text("我班不用板画")

    for person, there in ((story.village, True), (story.far, False)):
        page = opened(story.page(person), f"/plans/{story.own_of(person).pk}/", WRITES)
        expect(section(page, "board")).to_contain_text("春夏秋冬")
        expect(section(page, "board").get_by_text("松鼠散步")).to_have_count(int(there))


# ---- 6: reflection and review ---------------------------------------------------------------------


def the_reflection_is_written_and_handed_in(story: Story) -> None:
    own = story.own_of(story.village)
    page = story.page(story.village)
    on_today(page, "上完课写反思")
    opened(page, f"/plans/{own.pk}/", WRITES)
    write(page, "reflection", "带了树叶，孩子们抢着说；写的时间少了五分钟。")
    assert answer_to(story.page(story.researcher), f"/plans/{own.pk}/") == NOT_FOUND  # not handed in yet
    page.goto(f"/plans/{own.pk}/reviews/")
    press(page, "交上去")
    expect(page.get_by_text("交上去了")).to_be_visible()
    expect(story.at_activity(story.leader).locator("#main")).to_contain_text("1 人写了反思")


def it_is_reviewed_and_answered(story: Story) -> None:
    page = story.page(story.researcher)
    told(page, "有新交上来的教案等你批阅")
    page.goto("/plans/reviews/")
    page.get_by_role("link", name="一份一份批").click()
    expect(page.get_by_role("heading", name=LESSON, exact=True)).to_be_visible()
    expect(page.locator(".plan-text")).to_contain_text("孩子们抢着说")
    page.get_by_text("优", exact=False).first.scroll_into_view_if_needed()
    page.get_by_role("radio", name="优").check(force=True)
    page.get_by_label("意见").fill("实物用得好，写的时间要留足。")
    page.locator("#save-review").click()
    expect(page.get_by_role("heading", name="都批完了")).to_be_visible()

    author = story.page(story.village)
    told(author, f"《{LESSON}》批阅了：优")
    author.goto(f"/plans/{story.own_of(story.village).pk}/reviews/")
    expect(author.get_by_text("实物用得好")).to_be_visible()
    author.locator("summary", has_text="回复").click()
    author.get_by_label("回复").fill("下次把写提前。")
    press(author, "回复")
    expect(author.locator(".reply")).to_contain_text("下次把写提前。")
    told(page, f"《{LESSON}》的作者回复了你的意见")


def it_is_recommended_with_the_consent_of_its_author(story: Story) -> None:
    page = story.page(story.researcher)
    page.goto(f"/plans/{story.own_of(story.village).pk}/reviews/")
    page.locator("summary", has_text="往上推荐").click()
    page.get_by_label("好在哪里").fill("没有投影也上得活")
    press(page, "推荐")
    expect(page.locator(".chain")).to_be_visible()
    expect(page.locator(".chain summary", has_text="答复")).to_have_count(
        0
    )  # nobody decides before the author

    author = story.page(story.village)
    told(author, "等你同意")
    author.goto(f"/plans/{story.own_of(story.village).pk}/reviews/")
    press(author, "同意")
    expect(author.get_by_text("同意了")).to_be_visible()

    told(page, f"《{LESSON}》的作者同意推荐")
    page.goto(f"/plans/{story.own_of(story.village).pk}/reviews/")
    page.locator(".chain summary", has_text="答复").click()
    page.get_by_label("理由").fill("乡村课堂的好样子")
    press(page, "接受")
    expect(page.locator(".chain .chip-ok")).to_be_visible()
    author.reload()
    expect(author.locator(".chain .chip-ok")).to_be_visible()


# ---- 7: the record ---------------------------------------------------------------------


def the_record_has_filled_itself_and_is_signed(story: Story) -> None:
    member = story.at_activity(story.far)
    member.get_by_role("link", name="集备记录").first.click()
    expect(member.get_by_role("heading", name="集体备课活动记录表")).to_be_visible()
    expect(member.get_by_text("由主持人签字。")).to_be_visible()
    for person in (story.leader, story.lead, story.village, story.far):
        expect(member.locator("#f-participants")).to_contain_text(person.name)
    expect(member.locator("#f-participants")).not_to_contain_text(story.second.name)
    expect(member.locator("#f-absentees")).to_contain_text(story.second.name)
    expect(member.locator("#f-absentees")).to_contain_text("教材版本不同")
    discussion = member.locator("#f-discussion")
    for words in ("没有投影，怎么看四季？", "带挂图，先看实物", "教学点用挂图和树叶"):
        expect(discussion).to_contain_text(words)
    for version in ("第1版 定稿", "课后修订"):
        expect(member.locator("#f-versions")).to_contain_text(version)
    expect(member.locator("#f-results")).to_contain_text("2 位接收了共案")
    sign = member.url.rstrip("/") + "/sign/"
    assert sent(member, sign) == DENIED

    host = story.at_activity(story.leader)
    host.get_by_role("link", name="集备记录").first.click()
    press(host, "签字定稿")
    expect(host.get_by_text("第 1 次定稿").first).to_be_visible()


def record_and_plan_come_down_as_word(story: Story) -> None:
    host = story.page(story.leader)
    record = downloaded(host, host.get_by_role("link", name="下载 Word"))
    assert THEME in record and story.second.name in record and "教学点用挂图和树叶" in record
    host.goto(f"{story.plan_path}word/")
    host.get_by_label("不带").check()
    plan = downloaded(host, host.get_by_role("button", name="下载 Word"))
    assert "按四季顺序说清小兴安岭的景色" in plan and "松鼠散步" in plan


def downloaded(page: Page, control: Locator) -> str:
    """All the words of the Word document that comes down."""
    with page.expect_download() as download:
        control.click()
    assert download.value.suggested_filename.endswith(".docx")
    document = docx.Document(io.BytesIO(download.value.path().read_bytes()))
    return "".join(document.element.body.itertext())


# ---- 8: the end ---------------------------------------------------------------------


def the_activity_is_closed(story: Story) -> None:
    watching = story.at_plan(story.far, COMMENTS)
    member = story.at_activity(story.village)
    assert sent(member, f"/plans/activities/{story.activity.pk}/move/", do="close") == DENIED
    leader = story.at_activity(story.leader)
    press(leader, "结束活动")
    expect(leader.get_by_text("已结束", exact=True)).to_be_visible()
    expect(watching.locator("#save")).to_contain_text(READS)
    told(member, f"《{THEME}》结束了，共案以后只看不改")
    for person in (story.village, story.far):
        page = story.at_plan(person, READS)
        try_to_type(page, "goals")
    # what is one's own goes on
    opened(story.page(story.far), f"/plans/{story.own_of(story.far).pk}/", WRITES)
