# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Documentation only. The action plugin of the same name runs a binary from the folder __bin.

DOCUMENTATION = r"""
module: matrix_access_token
short_description: Log in to a Matrix homeserver and keep a working access token
version_added: 0.1.0
description:
  - Logs in to a Matrix homeserver as an existing user, and returns the access token as a fact and in the registered result.
  - Use it for each bot, bridge or monitoring service that a playbook deploys, instead of a token copied out of Element or requested with C(curl).
  - One small static binary does the work. The host that runs the task needs neither Python nor any library.
author:
  - the matrix_access_token contributors (!UNKNOWN)
options:
  state:
    description:
      - V(present) ensures a working session. It keeps a token that works, and refreshes or replaces one that is invalid.
      - V(absent) logs out the session in O(session_file) and the one of O(access_token),
        waits some seconds until the homeserver refuses the tokens, and removes the file.
        It needs no credential, except for a session that O(mas_client_id) made.
        A session that is already invalid is a success, a homeserver that cannot be reached a failure.
        A session of another user or device than the given O(user_id) or O(device_id) is a failure, too.
    type: str
    choices: [present, absent]
    default: present
  homeserver_url:
    description:
      - Base URL of the homeserver's client-server API, for example V(https://matrix.example.com).
      - By default the one in O(session_file), else the module discovers it from the server name in O(user_id),
        at C(https://SERVER/.well-known/matrix/client).
      - If it differs from the one in O(session_file), the module never sends the stored token there. It logs in, and warns that it left the old session alone.
    type: str
    aliases: [hs_url]
  user_id:
    description:
      - The user of the session, for example V(@bot.draupnir:example.com). Upper and lower case count, so write it as the homeserver does.
      - With O(homeserver_url) the localpart is enough, for example V(bot.draupnir), but not with O(shared_secret).
      - Required to log in, except with O(login_token) or O(jwt), which identify the user. The module creates no users.
    type: str
  password:
    description:
      - The user's password.
      - Take this and all other secrets from a vault or a variable. Ansible's error messages can show a secret that is written in the task itself,
        see the notes.
      - O(password), O(login_token), O(jwt), O(as_token), O(shared_secret), O(admin_access_token), O(mas_cli) and O(mas_client_id)
        are mutually exclusive.
    type: str
  login_token:
    description:
      - A token for one login, from single sign-on or C(/login/get_token). It works once, and for half a minute to some minutes only.
    type: str
  jwt:
    description:
      - A JSON Web Token that the homeserver accepts for C(org.matrix.login.jwt), see C(jwt_config) of Synapse.
      - Synapse and Tuwunel create the user in the token if there is none. Other homeservers may, too.
    type: str
  as_token:
    description:
      - The C(as_token) of an appservice, for a user in its namespaces, for example for the double puppets of a bridge.
    type: str
  shared_secret:
    description:
      - The secret of the Synapse module Shared Secret Authenticator, for any user of the homeserver. The secret itself is not sent.
    type: str
  admin_access_token:
    description:
      - The token of a server administrator. The admin API of Synapse logs in any other user of the homeserver with it.
      - Synapse does not limit how often, which helps a playbook with many accounts.
      - The new token has no device, so it is of no use for encryption, and the user's list of sessions does not show it. It does not expire,
        and survives a change of the password. It cannot be combined with O(device_id), O(refresh_token) and O(require_clean_device).
      - It logs nobody in where Matrix Authentication Service is used. Use O(mas_cli) or O(mas_client_id) there.
    type: str
  mas_cli:
    description:
      - The command that runs C(mas-cli) of Matrix Authentication Service on the host that runs the task, for any user. It is a list of words,
        or a text that is split as a shell does it, for example V(docker exec matrix-authentication-service mas-cli).
      - The module adds C(manage issue-compatibility-token), the localpart and the device. It runs the command without a shell, with
        standard input closed, with few of the environment's variables, for at most O(timeout), and never in check mode.
      - The token does not expire.
    type: raw
  mas_client_id:
    description:
      - The ID of a client of Matrix Authentication Service that may use its admin API, for any user. It makes a personal session,
        whose token does not expire. This needs version 1.5 or later.
      - Give it with O(state=absent), too. Nothing else revokes a personal session.
        Where C(/logout) does not reach Matrix Authentication Service, it ends other sessions as well, with all sessions of their device.
    type: str
  mas_client_secret:
    description:
      - The secret of O(mas_client_id). It gives full access to Matrix Authentication Service.
    type: str
  mas_url:
    description:
      - The base URL of the admin API of Matrix Authentication Service, for O(mas_client_id).
      - By default it is the issuer that the homeserver names.
    type: str
  access_token:
    description:
      - An existing token, for example one copied out of Element Web.
      - The module checks it before O(session_file). While it works for the user (and O(device_id), if given), the module keeps it and stores it
        in O(session_file). An invalid token counts as not given.
      - When the module takes a token over, it logs out the session that was in O(session_file), unless both are on the same device.
      - Only O(state=absent), and O(force=true) on its device, log the given token itself out.
    type: str
  session_file:
    description:
      - A file on the host that runs the task. It keeps the session from run to run. Without it each run logs in.
      - It holds C(homeserver), C(user_id), C(device_id) and C(access_token) as JSON, like the C(credentials.json) of matrix-nio's examples,
        and C(refresh_token), C(expires_at) (in milliseconds since 1970) and C(mas_personal_session_id) if there are any.
      - It has mode 0600, is replaced atomically, and is locked while in use. Its folder must exist. A symbolic link, a file of another owner,
        and a file without a session are errors.
      - Give an absolute path. The connection decides what a relative path is relative to.
      - The module never overwrites another user's session that works.
      - Fields that other programs add stay as long as the session is the same user's. O(state=absent) removes the whole file.
    type: path
  device_id:
    description:
      - The device of the session, for example V(DRAUPNIR). Give each consumer of a token a device of its own.
      - The module replaces a session on another device, even if it works, and then logs it out if it was in O(session_file).
      - By default an invalid session is replaced on its own device, and the homeserver chooses the device of a new one.
      - At most 255 characters. With O(mas_cli) and O(mas_client_id), only ASCII letters, digits and C(._~!/=+:-), and no C(-) at the start.
    type: str
  device_display_name:
    description:
      - The name of the device in the user's list of sessions. Homeservers use it for a new device only.
    type: str
    default: Ansible matrix_access_token
  refresh_token:
    description:
      - Whether to ask for a token that expires, and for a refresh token. To refresh the token, later runs need O(session_file).
    type: bool
    default: false
  require_clean_device:
    description:
      - Whether to fail if the device of a new session, or of O(access_token), has ever uploaded keys for end-to-end encryption.
      - The module does not check a session in O(session_file) again. Its consumer may have begun to use encryption.
    type: bool
    default: false
  force:
    description:
      - Whether to replace the session even if it works, for example because the token has leaked.
      - With O(device_id) the module logs in to prove the credential, logs out, which deletes the device with all its tokens,
        waits until the homeserver refuses the old token, and logs in again. The device then has one valid token.
        Most homeservers delete the device's encryption keys as well; O(require_clean_device) checks that.
      - Each run replaces the session, so set it on the command line, not in the playbook.
    type: bool
    default: false
  return_token:
    description:
      - Whether the result holds the token. With the action plugin, Ansible hides a successful result in all three cases.
      - V(no_log) returns the token. Without the plugin, the module refuses to run on a task without C(no_log=true).
      - V(always) returns the token, even where Ansible prints it.
      - V(never) does not return the token, and sets no fact to it. Only O(session_file) has it, which is then required.
    type: str
    choices: [no_log, always, never]
    default: no_log
  facts:
    description:
      - The facts to set, each with its field of the session, one of V(access_token), V(user_id), V(device_id) and V(homeserver_url).
      - Use the names of the variables that a later role reads.
      - V({}) sets no fact.
      - With ansible-core 2.21 and later, these facts act as those of M(ansible.builtin.set_fact), and never reach the fact cache.
      - With older versions they are ordinary facts, as if gathered from the host. They take precedence over
        role defaults and the inventory, but not over variables of the play or a role's C(vars). With a fact cache other than C(memory)
        the task refuses to set a fact to V(access_token). Use V({}) and C(register) there.
      - With older versions and C(inject_facts_as_vars=False), facts are no variables. The task warns of that. Use V({}), C(register)
        and M(ansible.builtin.set_fact), or the role C(selfhosted.matrix.access_tokens), which do not depend on it. Where it is on by default,
        ansible-core 2.20 prints a deprecation for each use of such a variable. C(inject_facts_as_vars=True) in C(ansible.cfg) silences it.
    type: dict
    default:
      matrix_access_token: access_token
  wait_timeout:
    description:
      - How many seconds the task may wait in all while the homeserver limits logins or refuses connections because it is starting,
        while a gateway such as a reverse proxy answers in its place (502, 503, 504, or Cloudflare's 520 to 530), or while the name server fails.
        V(0) never waits.
      - If the homeserver asks for a longer wait than what is left, the task fails at once.
      - If the response to a login is lost, the module repeats the login only with O(device_id). Otherwise it could create a second device.
    type: int
    default: 60
  timeout:
    description:
      - How many seconds one request may take, or the command of O(mas_cli).
    type: int
    default: 30
  validate_certs:
    description:
      - Whether to verify the homeserver's TLS certificate. With V(false), anybody on the network path can read the password and the token.
    type: bool
    default: true
  ca_path:
    description:
      - A PEM file, or a directory of PEM files, with CA certificates to trust in addition to the system trust store. If the environment has
        E(SSL_CERT_FILE) or E(SSL_CERT_DIR), these replace the system trust store.
      - It may also hold a self-signed server certificate. That must be for the host name in O(homeserver_url), be no CA certificate, and not have expired.
    type: path
  client_cert:
    description:
      - A PEM file with the certificate for TLS client authentication. It may also hold the private key.
    type: path
  client_key:
    description:
      - A PEM file with the private key of O(client_cert), if that does not hold it.
    type: path
  use_proxy:
    description:
      - Whether to use the proxy in the environment of the task (C(https_proxy), C(no_proxy) and so on).
      - Plain C(http) to the loopback interface never goes through a proxy.
    type: bool
    default: true
  http_agent:
    description:
      - The C(User-Agent) header of the requests.
    type: str
    default: ansible-httpget
attributes:
  check_mode:
    description: Can run in check mode and return changed status prediction without modifying target.
    support: full
    details:
      - Sends requests that only read, and runs no command. RV(access_token) is an empty string where a login would be needed.
      - Without a session it tries no login, so a wrong password or a missing folder shows in the real run only.
  diff_mode:
    support: none
    description: Will return details on what has changed (or possibly needs changing in check_mode), when in diff mode.
  async:
    description: Supports being run with the C(async) keyword.
    support: none
    details:
      - Ansible would show the token when the job has finished.
  platform:
    description: Target operating systems that the module can run on.
    support: full
    platforms: linux
notes:
  - Ansible hides successful results, as with C(no_log=true), and shows failures, which hold no secret.
  - In a loop, Ansible hides failures too, because the item may hold a password. The plugin shows their messages separately.
    Ansible also shows the items that C(when) skips, and those of a loop around C(include_tasks) or C(include_role), which no
    module can prevent. B(Put) C(no_log=true) B(on a loop over passwords.)
  - No module can prevent the following. The environment variable E(ANSIBLE_DEBUG) shows all arguments and results.
    E(ANSIBLE_KEEP_REMOTE_FILES) leaves the password on the managed node. On failure, ansible-core 2.19 and later shows the lines of the playbook
    around the task, and E(ANSIBLE_DISPLAY_ARGS_TO_STDOUT) shows the task as it is written, so write C({{ a_variable }}) there and not a password.
    Ansible shows a token in C(environment) of a later task at C(-vvv), even with C(no_log=true); put it into a file of mode 0600.
    Tasks that print variables, such as M(ansible.builtin.debug), show facts set to V(access_token), so put C(no_log=true) on
    each task that uses the token.
  - The binary runs from Ansible's temporary folder on the managed node. If that file system is mounted C(noexec), set C(ansible_remote_tmp).
    On the control node (C(delegate_to=localhost), C(connection=local)) the binary runs where it is installed, and the
    options never touch a disk, unless the task has C(become).
  - Over ssh, set C(ansible_pipelining=true). The plugin then sends the binary and the options in one execution, and the binary is removed.
    With C(ansible_ssh_retries) the plugin does not do this, because Ansible would repeat the execution after a lost connection, and log in twice.
  - The collection has binaries for x86_64, aarch64 and 32-bit ARM. With C(delegate_to=localhost) the task runs on the control node;
    the facts still belong to the host of the play.
  - The binary also works without this collection, as C(library/matrix_access_token) beside a playbook.
    The task then needs C(no_log=true), unless O(return_token) says otherwise. With C(async) the job file holds the result,
    so use O(session_file) with O(return_token=never) there.
seealso:
  - name: Login in the Matrix specification
    description: What is sent to the homeserver.
    link: https://spec.matrix.org/latest/client-server-api/#login
"""

EXAMPLES = r"""
- name: Log the moderation bot in, and keep the session from run to run
  selfhosted.matrix.matrix_access_token:
    user_id: "@bot.draupnir:example.com"
    password: "{{ vault_draupnir_password }}"
    device_id: DRAUPNIR
    session_file: /matrix/draupnir/session.json
    facts:
      matrix_bot_draupnir_config_accessToken: access_token

- name: Log baibot in, which also needs its device ID
  selfhosted.matrix.matrix_access_token:
    homeserver_url: https://matrix.example.com
    user_id: baibot
    password: "{{ vault_baibot_password }}"
    device_id: BAIBOT
    facts:
      matrix_bot_baibot_config_user_access_token: access_token
      matrix_bot_baibot_config_user_device_id: device_id

- name: Log the Alertmanager receiver in from the control node, because its host cannot reach the homeserver
  selfhosted.matrix.matrix_access_token:
    user_id: "@alertmanager:example.com"
    password: "{{ vault_alertmanager_password }}"
    device_id: ALERTMANAGER
    facts:
      matrix_alertmanager_receiver_config_matrix_access_token: access_token
  delegate_to: localhost

- name: Log the user verification service in, and set no fact
  selfhosted.matrix.matrix_access_token:
    user_id: "@uvs:example.com"
    password: "{{ vault_uvs_password }}"
    device_id: UVS
    facts: {}
  register: uvs

- name: Hand its token to the role
  ansible.builtin.set_fact:
    matrix_user_verification_service_uvs_access_token: "{{ uvs.access_token }}"
  no_log: true

- name: Log several bots in, with a loop over their names
  selfhosted.matrix.matrix_access_token:
    user_id: "@{{ item }}:example.com"
    password: "{{ vault_bot_passwords[item] }}"
    device_id: "{{ item | upper }}"
    facts: {}
  loop: [hookshot, postmoogle]
  no_log: true
  register: bots

- name: Replace a token that has leaked
  selfhosted.matrix.matrix_access_token:
    user_id: "@bot.draupnir:example.com"
    password: "{{ vault_draupnir_password }}"
    device_id: DRAUPNIR
    session_file: /matrix/draupnir/session.json
    force: true

- name: Log the moderation bot out
  selfhosted.matrix.matrix_access_token:
    state: absent
    session_file: /matrix/draupnir/session.json

- name: Take over a token copied out of Element Web
  selfhosted.matrix.matrix_access_token:
    homeserver_url: https://matrix.example.com
    access_token: "{{ vault_reminder_bot_access_token }}"
    session_file: /matrix/reminder-bot/session.json

- name: Get a token for double puppeting with the bridge's as_token
  selfhosted.matrix.matrix_access_token:
    user_id: "@alice:example.com"
    as_token: "{{ vault_doublepuppet_as_token }}"
    device_id: BRIDGE
    session_file: /matrix/bridge/alice.json

- name: Get a token for any user with the token of a server administrator
  selfhosted.matrix.matrix_access_token:
    user_id: "@reports:example.com"
    admin_access_token: "{{ vault_matrix_admin_access_token }}"
    session_file: /matrix/reports/session.json
"""

RETURN = r"""
msg:
  description: What the module did, or why it failed and what to do next. Holds no secret.
  returned: always
  type: str
  sample: logged in as @bot.draupnir:example.com on device DRAUPNIR
access_token:
  description: The access token. In check mode an empty string, if a login would be needed.
  returned: success with O(state=present), unless O(return_token=never)
  type: str
  sample: syt_Ym90LmRyYXVwbmly_XXXXXXXXXXXXXXXXXXXX_XXXXXX
user_id:
  description: The full Matrix ID of the user. In check mode O(user_id) as given, if there is no session yet.
  returned: success with O(state=present)
  type: str
  sample: "@bot.draupnir:example.com"
device_id:
  description: The device of the token. An empty string if it has none.
  returned: success with O(state=present)
  type: str
  sample: DRAUPNIR
homeserver_url:
  description: Base URL of the homeserver's client-server API.
  returned: success with O(state=present)
  type: str
  sample: https://matrix.example.com
session:
  description:
    - The module logged in (V(new)), kept a session that works (V(kept)), refreshed its tokens (V(refreshed)), logged it out (V(revoked)),
      or found none to log out (V(absent)).
  returned: success
  type: str
  sample: new
refresh_token:
  description: The token that refreshes an expiring access token.
  returned: success, if there is one, unless O(return_token=never)
  type: str
expires_in_ms:
  description: In how many milliseconds the access token expires.
  returned: success, if the homeserver said so
  type: int
errcode:
  description: The homeserver's error code.
  returned: failure, if the homeserver sent one
  type: str
  sample: M_FORBIDDEN
http_status:
  description: The HTTP status of the response.
  returned: failure, if there was a response
  type: int
  sample: 403
retry_after_ms:
  description: How many milliseconds the homeserver asks to wait.
  returned: failure because of a rate limit
  type: int
login_flows:
  description: The login flows that the homeserver offers.
  returned: failure because it does not offer the one that was tried
  type: list
  elements: str
  sample: [m.login.sso, m.login.token]
"""
