"""The zones people choose from."""

from zoneinfo import ZoneInfo, available_timezones

from accounts.zones import zone_choices


def test_every_choice_is_a_zone_and_none_comes_twice() -> None:
    grouped = [group for _region, group in zone_choices() if isinstance(group, list)]
    names = [name for group in grouped for name, _label in group]
    assert len(names) == len(set(names)) > 400
    assert set(names) <= available_timezones()
    assert {"Europe/Berlin", "Europe/Kyiv", "Asia/Kolkata"} <= set(names)
    assert not {"Europe/Kiev", "Asia/Calcutta", "US/Eastern"} & set(names)
    assert ("Europe/Berlin", "Berlin") in next(
        group for region, group in zone_choices() if region == "Europe"
    )
    assert zone_choices()[-1] == ("UTC", "UTC")
    assert all(ZoneInfo(name).key == name for name in names)
