from services.check import check
from tests.services.story import Story


def test_an_office_after_its_course_has_nothing_broken(story: Story) -> None:
    report = check(story.scene.office, story.store)

    assert [(f.invariant, f.subject, f.text) for f in report.findings] == []
    assert report.ok
