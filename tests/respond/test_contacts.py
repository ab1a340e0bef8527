"""Whom a page is for: the first contact, and the second one when the first did not answer."""

from dataclasses import replace
from datetime import timedelta

from stanch.model.walked import Paged, Reminded

from .night import HOUR


def test_reminders_get_louder_and_an_unanswered_revert_pages_the_second_contact(night):
    settings = night.house.settings.model_copy(update={"contacts": ("dana", "robin", "ann")})
    night.house = replace(night.house, settings=settings)
    night.walk("stolen_instance_credentials")
    night.sweep_at(4 * HOUR - timedelta(seconds=1))
    said = [(one.after_minutes, one.loud, one.whom) for one in night.told(Reminded)]
    assert said == [(60, 1, ("dana",)), (180, 2, ("dana",)), (225, 3, ("dana", "robin"))]
    night.sweep_at(4 * HOUR)
    (page,) = [one for one in night.told(Paged) if "nobody confirmed it" in one.text]
    assert page.whom == ("dana", "robin")
    night.house.write(Paged("look"), key="look")
    assert night.told(Paged)[-1].whom == ("dana",)
