"""Owns the secrets of a world: made up, or obtained from the homeserver for users of its own."""

from itertools import product

from runs import HOSTS, INSTALLED
from secret_texts import handed_out, planted, planted_password, with_signs
from world import World

_REFUSED = ("wrong_login_token", "wrong_jwt", "wrong_as_token", "wrong_shared_secret")


def plant(world: World) -> None:
    world.planted += [planted(name) for name in (*_REFUSED, "access_token")]
    world.planted += world.homeserver.credentials.texts()
    _plant_accounts(world)
    _plant_login_tokens(world)
    _plant_for_mas(world)


def _plant_accounts(world: World) -> None:
    password, admin = planted_password("password"), planted_password("admin's password")
    world.planted += [password, admin, planted_password("wrong_password")]
    homeserver = world.homeserver
    homeserver.register(world.case, password.value)
    homeserver.register(f"{world.case}.admin", admin.value, "--admin")
    for name, user, secret in (
        ("live_access_token", world.case, password),
        ("admin_access_token", f"{world.case}.admin", admin),
    ):
        world.planted.append(handed_out(name, homeserver.log_in(user, secret.value)))
    world.planted.append(handed_out("jwt", homeserver.credentials.jwt_for(world.case)))


def _plant_login_tokens(world: World) -> None:
    """Each works once, and Synapse gives a user one a minute: so each is another user's."""
    for way, host in product(INSTALLED, HOSTS):
        name, password = f"login_token_{way}_{host}", planted_password("password of one login")
        user = f"{world.case}.{way}.{host}"
        world.homeserver.register(user, password.value)
        token = world.homeserver.log_in(user, password.value)
        world.planted.append(handed_out(name, world.homeserver.login_token(token)))


def _plant_for_mas(world: World) -> None:
    """The secret of the client, and a line as mas-cli prints it."""
    client_secret = world.homeserver.mas_client["client_secret"]
    world.planted.append(with_signs("mas_client_secret", client_secret))
    (token,) = (one.value for one in world.planted if one.name == "live_access_token")
    printed = world.sessions / "printed.json"
    printed.touch(mode=0o600)
    printed.write_text(f"INFO Compatibility token issued: {token} user.username=x\n")
