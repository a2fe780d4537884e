"""The benchmark's own programs are built as the module is."""

import tomllib

from bench import programs


def test_the_profile_is_one_that_cargo_can_be_told() -> None:
    settings = list(programs.profile())
    assert 'profile.release.lto="fat"' in settings
    for setting in settings:
        tomllib.loads(setting)
