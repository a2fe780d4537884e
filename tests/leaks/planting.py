"""Owns the secrets of a world: made up, or obtained from the homeserver for users of its own."""

from secret_texts import handed_out, planted, planted_password
from world import World

_REFUSED = ("login_token", "jwt", "as_token", "shared_secret", "access_token")


def plant(world: World) -> None:
    password, admin = planted_password("password"), planted_password("admin's password")
    world.planted += [password, admin, planted_password("wrong_password")]
    world.planted += [planted(name) for name in _REFUSED]
    homeserver = world.homeserver
    homeserver.register(world.case, password.value)
    homeserver.register(f"{world.case}.admin", admin.value, "--admin")
    for name, user, secret in (
        ("live_access_token", world.case, password),
        ("admin_access_token", f"{world.case}.admin", admin),
    ):
        world.planted.append(handed_out(name, homeserver.log_in(user, secret.value)))
