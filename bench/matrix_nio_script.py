"""Asks whoami with a token, or logs in with a password, and prints whose session it is: what a small script of a user's own does.

matrix_nio_script.py keep|login URL USER_ID DEVICE_ID SECRET [TRUSTED_CERTIFICATES]
"""

import asyncio
import ssl
import sys

from nio import AsyncClient, LoginResponse, WhoamiResponse


async def main(what: str, url: str, user_id: str, device_id: str, secret: str, *trust: str) -> None:
    context = ssl.create_default_context(cafile=trust[0]) if trust else None
    client = AsyncClient(url, user_id, device_id, ssl=context)
    try:
        if what == "keep":
            client.access_token = secret
            answer = await client.whoami()
        else:
            answer = await client.login(secret)
    finally:
        await client.close()
    if not isinstance(answer, (LoginResponse, WhoamiResponse)):
        sys.exit("the homeserver refused")
    print(answer.user_id, answer.device_id)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
