"""The automations shipped as an example are what Prefect takes, and wait for events that a run sends."""

from pathlib import Path

import yaml

from schemas.states import LATE

ROOT = Path(__file__).parents[2]


def test_automations_are_what_prefect_takes_and_wait_for_what_is_sent():
    from prefect.events.schemas.automations import AutomationCore

    written = yaml.safe_load((ROOT / "flows/serving/automation.yaml").read_text(encoding="utf-8"))["automations"]
    taken = [AutomationCore.model_validate(one) for one in written]
    sent = {"cunhui.unit.accepted", "cunhui.year.complete", *(f"cunhui.unit.{state}" for state in LATE)}
    waited_for = {event for one in taken for event in one.trigger.expect}
    assert waited_for == {"cunhui.unit.returned", "cunhui.year.complete"} and waited_for <= sent
    assert all(action.type == "send-notification" for one in taken for action in one.actions)
