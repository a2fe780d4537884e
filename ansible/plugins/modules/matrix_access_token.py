# Copyright: (c) 2026, the matrix_access_token contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Documentation only. The action plugin of the same name runs a binary from the folder __bin.

DOCUMENTATION = r"""
module: matrix_access_token
short_description: Log in to a Matrix homeserver and keep a working access token
version_added: 0.1.0
description:
  - Logs in to a Matrix homeserver as a user who already exists, and gives the access token to the playbook as a fact and in the registered result.
  - It takes the place of a token that somebody copies out of Element, or asks for with C(curl), for each bot, bridge or monitoring
    service that a playbook deploys.
  - The work is done by one small static binary. The host that runs the task needs neither Python nor any library.
author:
  - the matrix_access_token contributors (!UNKNOWN)
options:
  state:
    description:
      - V(present) makes sure that a working session exists. A token that works is kept, one that is invalid is refreshed or replaced.
      - V(absent) logs the session in O(session_file) and the one of O(access_token) out,
        waits some seconds until the homeserver refuses the tokens, and removes the file.
        It needs no credential, unless it is a session that O(mas_client_id) made. A session that is over already is fine, a homeserver that cannot be reached is an error.
        So is a session of another user or device than O(user_id) or O(device_id), if they are given.
    type: str
    choices: [present, absent]
    default: present
  homeserver_url:
    description:
      - Base URL of the homeserver's client-server API, for example V(https://matrix.example.com).
      - Left out, it is the one in O(session_file), else it is found from the server name in O(user_id)
        through C(https://SERVER/.well-known/matrix/client).
      - When it differs from the one in O(session_file), the stored token is not sent there. The module logs in, and warns that the old session was left alone.
    type: str
    aliases: [hs_url]
  user_id:
    description:
      - The user whose session it is, for example V(@bot.draupnir:example.com). Upper and lower case count, so write it as the homeserver does.
      - With O(homeserver_url) the localpart is enough, for example V(bot.draupnir), but not with O(shared_secret).
      - Needed to log in, unless O(login_token) or O(jwt) says who it is. The module creates no users.
    type: str
  password:
    description:
      - The user's password.
      - Take it and all the other secrets from a vault or a variable. One that stands in the task itself can be shown in error messages, see the notes.
      - Of O(password), O(login_token), O(jwt), O(as_token), O(shared_secret), O(admin_access_token), O(mas_cli) and O(mas_client_id)
        only one can be given.
    type: str
  login_token:
    description:
      - A token for one login, as single sign-on or C(/login/get_token) yields it. It works once, and only for minutes.
    type: str
  jwt:
    description:
      - A JSON Web Token that the homeserver accepts for C(org.matrix.login.jwt), see C(jwt_config) of Synapse.
      - Synapse creates the user named in the token, if there is none, and so does Tuwunel. Other homeservers may.
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
      - The token of a server administrator, who may log in any other user of the homeserver through the admin API of Synapse.
      - The homeserver does not limit how often. It is a way out when a playbook makes many sessions.
      - The new token is tied to no device, so it is of no use for encryption, it does not expire, and the user does not see it in the list of sessions.
        It survives a change of the password. O(device_id), O(refresh_token) and O(require_clean_device) cannot be had with it.
      - Where Matrix Authentication Service is used, it logs nobody in. Use O(mas_cli) or O(mas_client_id) there.
    type: str
  mas_cli:
    description:
      - The command that runs C(mas-cli) of Matrix Authentication Service on the host of the task, for any user. It is a list of words,
        or a text that is split as a shell does it, for example V(docker exec matrix-authentication-service mas-cli).
      - The module adds C(manage issue-compatibility-token), the localpart and the device.
        The command runs without a shell, with nothing to read, with few of the environment's variables, and for O(timeout) at most.
        It does not run in check mode.
      - The token does not expire.
    type: raw
  mas_client_id:
    description:
      - The id of a client of Matrix Authentication Service that may use its admin API, for any user. It makes a personal session,
        whose token does not expire. MAS 1.5 or later is needed.
      - Give it with O(state=absent) as well. Nothing else ends a personal session.
        It also ends other sessions where C(/logout) does not reach Matrix Authentication Service. Then it ends all sessions of the device.
    type: str
  mas_client_secret:
    description:
      - The secret of O(mas_client_id). Whoever has it may do everything in Matrix Authentication Service.
    type: str
  mas_url:
    description:
      - The base URL of the admin API of Matrix Authentication Service, for O(mas_client_id).
      - Left out, it is the issuer that the homeserver names.
    type: str
  access_token:
    description:
      - A token that exists already, for example one that was copied out of Element Web.
      - It is asked for before O(session_file) is. While it works for the user (and O(device_id), if given) it is kept, and put into O(session_file).
        When it has ended, the module goes on as if it had not been given.
      - A session that stood in O(session_file) is logged out when another one is taken over, unless it is on the same device.
      - The given token itself is only logged out by O(state=absent), and by O(force=true) on its device.
    type: str
  session_file:
    description:
      - A file on the host that runs the task, in which the session is kept from run to run. Without it each run logs in.
      - It holds C(homeserver), C(user_id), C(device_id) and C(access_token) as JSON, as the examples of matrix-nio read it from C(credentials.json),
        and C(refresh_token), C(expires_at) (in milliseconds since 1970) and C(mas_personal_session_id) if there are any.
      - It has mode 0600, is replaced as a whole, and is locked while in use. Its folder must exist. A symbolic link, a file of another owner,
        and one that does not hold a session are errors.
      - Give an absolute path. What a relative one is relative to depends on the connection.
      - The session of another user is not overwritten while it works.
      - What other programs add to the file stays there as long as the session is the same user's. O(state=absent) removes the whole file.
    type: path
  device_id:
    description:
      - The device (session) that the token is to belong to, for example V(DRAUPNIR). Give each consumer of a token a device of its own.
      - A session that works but is on another device is replaced, and logged out afterwards if it stood in O(session_file).
      - Left out, a session that ended is replaced on its own device, and a new one gets a device of the server's choice.
      - At most 255 characters. With O(mas_cli) and O(mas_client_id) it may hold ASCII letters, digits and C(._~!/=+:-) alone,
        and must not begin with C(-).
    type: str
  device_display_name:
    description:
      - The name that people see in the list of sessions. Homeservers only look at it when the device is new.
    type: str
    default: Ansible matrix_access_token
  refresh_token:
    description:
      - Whether to ask for a token that expires, and for a refresh token that renews it. O(session_file) is needed to renew it.
    type: bool
    default: false
  require_clean_device:
    description:
      - Whether to fail when a new session, or the one of O(access_token), is on a device that has ever uploaded keys for end-to-end encryption.
      - A session that is kept in O(session_file) is not asked again. Its consumer may have begun to use encryption meanwhile.
    type: bool
    default: false
  force:
    description:
      - Whether to replace the session even if it works, for example because the token has leaked.
      - With O(device_id) the module logs in to prove the credential, logs out, which deletes the device with all its tokens,
        waits until the old token is refused,
        and logs in again. One token of the device is valid in the end. Most homeservers delete the device's encryption keys as well;
        O(require_clean_device) finds out.
      - Each run replaces the session, so give it on the command line and not for good.
    type: bool
    default: false
  return_token:
    description:
      - What may happen to the token once it is there. It only makes a difference where the binary runs
        without the action plugin, see the notes. With the plugin, a successful result is hidden in all three cases.
      - V(no_log) returns it, but refuses to run on a task that is not C(no_log) when there is no plugin to hide it.
      - V(always) returns it, no matter whether anything hides it.
      - V(never) does not return it, and publishes no fact that holds it. Only O(session_file) gets it, which is required then.
    type: str
    choices: [no_log, always, never]
    default: no_log
  facts:
    description:
      - The facts to set, each with the field of the session that it takes, one of V(access_token), V(user_id), V(device_id) and V(homeserver_url).
      - Use the names of the variables that a later role reads, and nothing else is needed to hand the session over.
      - V({}) sets no fact.
      - With ansible-core 2.21 and later, these facts act as those of M(ansible.builtin.set_fact), and are never written to the fact cache.
      - With older versions they are ordinary facts, as if gathered from the host. They take precedence over
        role defaults and the inventory, but not over variables of the play or a role's C(vars). With a fact cache other than C(memory)
        the task refuses to set a fact to V(access_token). Use V({}) and C(register) there.
      - With older versions no variable is made of a fact where C(inject_facts_as_vars) is off. The task warns of that. Use V({}), C(register)
        and M(ansible.builtin.set_fact), or the role C(selfhosted.matrix.access_tokens), which do not depend on it. Where it is on by default,
        ansible-core 2.20 prints a deprecation when such a variable is used. C(inject_facts_as_vars=True) in C(ansible.cfg) silences it.
    type: dict
    default:
      matrix_access_token: access_token
  wait_timeout:
    description:
      - How many seconds the task may wait in all, when the homeserver limits logins, refuses connections because it is just starting,
        while a gateway such as a reverse proxy answers in its place (502, 503, 504, or Cloudflare's 520 to 530), or while the name server fails.
        V(0) never waits.
      - If the homeserver asks for a longer wait than what is left, the task fails at once.
      - A login whose answer was lost is repeated only with O(device_id), because it might make a second device otherwise.
    type: int
    default: 60
  timeout:
    description:
      - How many seconds one request may take, and the command of O(mas_cli).
    type: int
    default: 30
  validate_certs:
    description:
      - Whether to check the homeserver's TLS certificate. V(false) lets anybody on the way read the password and the token.
    type: bool
    default: true
  ca_path:
    description:
      - A PEM file with certificates to trust in addition to the system's. If the environment has E(SSL_CERT_FILE) or E(SSL_CERT_DIR),
        what they name takes the place of the system's.
      - It may also hold the certificate of the server itself, such as one that the server signed itself. That must be for the name in
        O(homeserver_url), and not have expired.
    type: path
  client_cert:
    description:
      - A PEM file with a certificate for TLS client authentication. It may hold the key as well.
    type: path
  client_key:
    description:
      - A PEM file with the key that belongs to O(client_cert), if that does not hold it.
    type: path
  use_proxy:
    description:
      - Whether to use the proxy that the environment of the task names (C(https_proxy), C(no_proxy) and so on).
      - Plain C(http) to the machine itself never goes through a proxy.
    type: bool
    default: true
  http_agent:
    description:
      - The C(User-Agent) header of the requests.
    type: str
    default: ansible-httpget
attributes:
  check_mode:
    description: Can run in check mode and tell what it would change.
    support: full
    details:
      - Sends requests that only read, and runs no command. RV(access_token) is an empty string where a login would be needed.
      - Without a session it tries no login, so a wrong password or a missing folder comes out in the real run only.
  diff_mode:
    support: none
    description: Returns details on what has changed, or would change, in diff mode.
  async:
    description: Supports being run with the C(async) keyword.
    support: none
    details:
      - Ansible would show the token when the job has ended.
  platform:
    description: Target operating systems that the module can run on.
    support: full
    platforms: linux
notes:
  - Successful results are hidden, as with C(no_log=true). Failures are shown, they hold no secret.
  - In a loop, failures are hidden too, because the item that is shown with them may hold a password. Their messages are shown on their own.
    Ansible also shows the items that C(when) skips, and those of a loop around C(include_tasks) or C(include_role), where this
    module has no say. B(Put) C(no_log=true) B(on a loop over passwords.)
  - What no module can prevent. The environment variable E(ANSIBLE_DEBUG) shows all arguments and results.
    E(ANSIBLE_KEEP_REMOTE_FILES) leaves the password on the target. On failure, ansible-core 2.19 and later shows the lines of the playbook
    around the task, and E(ANSIBLE_DISPLAY_ARGS_TO_STDOUT) shows the task as it is written, so write C({{ a_variable }}) there and not a password.
    A token in C(environment) of a later task is shown at C(-vvv), whatever C(no_log) says; put it into a file of mode 0600.
    Facts set with V(access_token) are shown by whatever prints variables, such as M(ansible.builtin.debug), so put C(no_log=true) on
    each task that uses the token.
  - The binary runs from Ansible's temporary folder on the target. If that file system is mounted C(noexec), set C(ansible_remote_tmp).
    On the controller (C(delegate_to=localhost), C(connection=local)) it runs where it is installed, nothing is copied, and the
    options never touch a disk, unless the task is run with C(become).
  - Over ssh, C(ansible_pipelining) saves most of the time that a distant target costs, as it does with other modules.
    The binary and the options are sent and used in one execution, then the binary is removed. With C(ansible_ssh_retries) it takes
    the usual time, because Ansible would send such a task again after a lost connection, and log in twice.
  - The target needs a processor that the collection has a binary for. With C(delegate_to=localhost) the task runs on the controller,
    the facts still belong to the host of the play.
  - The binary also works alone, without this collection, copied to C(library/matrix_access_token) beside a playbook.
    Then the task needs C(no_log=true), unless O(return_token) says otherwise. With C(async) the file of the job holds the result,
    so use O(session_file) with O(return_token=never) there.
seealso:
  - name: Login in the Matrix specification
    description: What is sent to the homeserver.
    link: https://spec.matrix.org/latest/client-server-api/#login
"""

EXAMPLES = r"""
- name: A session for the moderation bot, kept from run to run
  selfhosted.matrix.matrix_access_token:
    user_id: "@bot.draupnir:example.com"
    password: "{{ vault_draupnir_password }}"
    device_id: DRAUPNIR
    session_file: /matrix/draupnir/session.json
    facts:
      matrix_bot_draupnir_config_accessToken: access_token

- name: Log in baibot, which also wants to know its device
  selfhosted.matrix.matrix_access_token:
    homeserver_url: https://matrix.example.com
    user_id: baibot
    password: "{{ vault_baibot_password }}"
    device_id: BAIBOT
    facts:
      matrix_bot_baibot_config_user_access_token: access_token
      matrix_bot_baibot_config_user_device_id: device_id

- name: Log in the alertmanager receiver from the controller, because its host cannot reach the homeserver
  selfhosted.matrix.matrix_access_token:
    user_id: "@alertmanager:example.com"
    password: "{{ vault_alertmanager_password }}"
    device_id: ALERTMANAGER
    facts:
      matrix_alertmanager_receiver_config_matrix_access_token: access_token
  delegate_to: localhost

- name: Log in the user verification service, and set no fact
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

- name: Log in several bots, whose names are shown while their passwords are not
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

- name: Log the moderation bot out for good
  selfhosted.matrix.matrix_access_token:
    state: absent
    session_file: /matrix/draupnir/session.json

- name: Take over a token that was copied out of Element Web
  selfhosted.matrix.matrix_access_token:
    homeserver_url: https://matrix.example.com
    access_token: "{{ vault_reminder_bot_access_token }}"
    session_file: /matrix/reminder-bot/session.json

- name: A token for double puppeting, with the token of the bridge
  selfhosted.matrix.matrix_access_token:
    user_id: "@alice:example.com"
    as_token: "{{ vault_doublepuppet_as_token }}"
    device_id: BRIDGE
    session_file: /matrix/bridge/alice.json

- name: Tokens for any user, without their passwords and without rate limits
  selfhosted.matrix.matrix_access_token:
    user_id: "@reports:example.com"
    admin_access_token: "{{ vault_matrix_admin_access_token }}"
    session_file: /matrix/reports/session.json

- name: A token where Matrix Authentication Service has no passwords, on the server where that runs
  selfhosted.matrix.matrix_access_token:
    user_id: "@bot.draupnir:example.com"
    mas_cli: /matrix/matrix-authentication-service/bin/mas-cli
    device_id: DRAUPNIR
    session_file: /matrix/draupnir/session.json
    facts:
      matrix_bot_draupnir_config_accessToken: access_token
"""

RETURN = r"""
msg:
  description: What was done, or why it failed and what to do about it. Never holds a secret.
  returned: always
  type: str
  sample: logged in as @bot.draupnir:example.com on device DRAUPNIR
access_token:
  description: The access token. An empty string in check mode, if there is none that works.
  returned: success with O(state=present), unless O(return_token=never)
  type: str
  sample: syt_Ym90LmRyYXVwbmly_XXXXXXXXXXXXXXXXXXXX_XXXXXX
user_id:
  description: The full Matrix ID of the user whose token it is. In check mode O(user_id) as it was given, if there is no session yet.
  returned: success with O(state=present)
  type: str
  sample: "@bot.draupnir:example.com"
device_id:
  description: The device that the token belongs to. An empty string if it belongs to none.
  returned: success with O(state=present)
  type: str
  sample: DRAUPNIR
homeserver_url:
  description: Base URL of the client-server API that the token was obtained from.
  returned: success with O(state=present)
  type: str
  sample: https://matrix.example.com
session:
  description:
    - What became of the session. It was logged in (V(new)), it works (V(kept)), it has new tokens (V(refreshed)), it was logged out (V(revoked)),
      or there was none to log out (V(absent)).
  returned: success
  type: str
  sample: new
refresh_token:
  description: A token that renews an expiring access token.
  returned: success, if there is one, unless O(return_token=never)
  type: str
expires_in_ms:
  description: How many milliseconds the access token lives.
  returned: success, if the homeserver said so
  type: int
errcode:
  description: The homeserver's error code.
  returned: failure, if the homeserver sent one
  type: str
  sample: M_FORBIDDEN
http_status:
  description: The status of the homeserver's answer.
  returned: failure, if the homeserver answered
  type: int
  sample: 403
retry_after_ms:
  description: How many milliseconds the homeserver wants to be left alone.
  returned: failure because of a rate limit
  type: int
login_flows:
  description: The ways to log in that the homeserver does offer.
  returned: failure because it does not offer the one that was tried
  type: list
  elements: str
  sample: [m.login.sso, m.login.token]
"""
