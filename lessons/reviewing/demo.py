"""The demo's reviews: one with a reply, one recommended, two that wait for the group leader."""

from django.db import transaction

from lessons.models import LessonPlan, Submission
from lessons.reviewing import operations, recommending
from teaching_centres import demo as network

PHRASES = ("目标清楚，可检测。", "作业分层再细一点，每层写明给谁做。", "学情写得实在，其他老师可以参考。")
WAITING = (("wang-town", "古诗三首：山行"), ("wang-town", "日月明：合起来认字"))


@transaction.atomic
def build() -> None:
    if Submission.objects.filter(is_demo=True).exists():
        return
    people = network.build().people

    def hand_in(owner: str, title: str) -> Submission:
        plan = LessonPlan.objects.get(owner=people[owner], title=title, is_demo=True)
        named = plan.versions.exclude(number=None).first()
        return operations.hand_in(actor=people[owner], plan=plan, version=named, is_demo=True)

    review = operations.give_review(
        actor=people["bai-leader"],
        submission=hand_in("li-village", "习作：写观察日记"),
        level="优",
        opinion="观察表很实用，句子都是学生自己的。第二课时可以再留几分钟让他们互相念一念。",
    )
    operations.reply(
        actor=people["li-village"],
        review=review,
        text="谢谢白老师。第二课时改成先念后改，留了 6 分钟。",
        revision=1,
    )
    trees = hand_in("sun-maths", "植树问题（两端都栽）")
    operations.give_review(
        actor=people["zhao-leader"],
        submission=trees,
        level="优",
        opinion="先画图再列式，学生说得出为什么加一。",
    )
    recommendation = recommending.recommend(
        actor=people["zhao-leader"], submission=trees, reason="从家门口的路灯讲起，村小也能用。"
    )
    recommending.answer_recommendation(actor=people["sun-maths"], recommendation=recommendation, agreed=True)
    for owner, title in WAITING:
        hand_in(owner, title)
    for text in PHRASES:
        operations.keep_phrase(actor=people["zhao-leader"], text=text)
