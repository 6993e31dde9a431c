"""What goes back of a package: one case for its sender, in which every finding says whose it is."""

from dataclasses import replace

from flows.emit.returns.files import stems_of
from flows.emit.returns.packages import by_package, whole_package
from flows.store.figures import Place
from flows.store.findings import Told
from flows.store.returned import Returned

OWN = Told("NEGATIVE", "强制", "I01", "低保户数", "民生保障", "E5", "-3", "不应是负数", "请改正", "", False)
OF_ALL = replace(OWN, code="PACKAGE_TOTALS", sheet="", cell="", indicator="", name="", problem="各村的数加起来不对")


def sent(name: str, *findings: Told, sender: str = "青湖镇", part: str = "", sha256: str = "a") -> Returned:
    unit = Place(f"{ord(name[0])}", name, "village") if name else None
    return Returned(unit, 1, "bt1.zip", sha256, {}, False, list(findings), part=part, sender=sender)


def test_findings_of_all_units_stand_in_one_with_their_units_and_those_of_the_whole_once():
    cases = [sent("三湾村", OF_ALL, OWN), sent("大湾村", OF_ALL, OWN), sent("", OWN, part="990101101209!")]
    [together] = by_package(cases)
    whole = whole_package(together)
    assert [told.place for told in whole.findings] == [
        "", "三湾村 民生保障 E5", "大湾村 民生保障 E5", "990101101209 民生保障 E5",
    ]  # fmt: skip
    assert (whole.unit, whole.part, whole.file) == (None, "三湾村、大湾村、990101101209", "bt1.zip")


def test_notices_of_packages_are_called_after_their_senders_and_two_of_one_sender_by_their_bytes():
    cases = [sent("三湾村", OWN), sent("大湾村", OWN, sha256="b" * 64), sent("南川村", OWN, sender="", sha256="c")]
    stems = stems_of([whole_package(each) for each in by_package(cases)], [])
    assert stems == ["报送包-青湖镇-a", "报送包-青湖镇-bbbbbbbb", "报送包-bt1"]
